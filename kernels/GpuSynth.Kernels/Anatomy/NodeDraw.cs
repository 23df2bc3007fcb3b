namespace GpuSynth.Kernels;

/// <summary>Draws the nodes of coarse noise grids.</summary>
internal static unsafe class NodeDraw
{
    /// <summary>One channel: N(0, std of the scale) per node; a node's element is its place in the layout.</summary>
    public static void Channel(NoiseGridLayout layout, in RandomPlace place, int channel, ReadOnlySpan<float> stdPerScale, float* nodes)
    {
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            int offset = layout.Offset(scale, channel);
            Normal.HostFill(nodes + offset, layout.NodesPerChannel(scale), in place, offset, stdPerScale[scale]);
        }
    }
}
