using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// NoiseField: the sum over scales of coarse grids that are upsampled linearly, corners aligned (node 0 at voxel 0, node n - 1 at
// voxel S - 1). Never written at full size: merged into one grid per channel (KnotAxis; KnotMerge on a device, KnotGrid on the
// host), which is read directly. Reference: NoiseField.Reference.cs.
public static partial class NoiseField
{
    /// <summary>The scales of a layout as a device reads them.</summary>
    public static NoiseGridScale[] Scales(NoiseGridLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var scales = new NoiseGridScale[layout.ScaleCount];
        for (int scale = 0; scale < scales.Length; scale++)
        {
            scales[scale] = new NoiseGridScale(layout.Offset(scale), layout.NodesPerChannel(scale));
        }

        return scales;
    }

    /// <summary>a + (b - a) t.</summary>
    public static float Linear(float a, float b, float t) => a + ((b - a) * t);
}

/// <summary>One scale of a <see cref="NoiseGridLayout"/>, as a device sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct NoiseGridScale
{
    /// <summary>First node of channel 0.</summary>
    public readonly int Offset;

    /// <summary>Nodes of one channel.</summary>
    public readonly int NodesPerChannel;

    /// <summary>A scale.</summary>
    public NoiseGridScale(int offset, int nodesPerChannel)
    {
        Offset = offset;
        NodesPerChannel = nodesPerChannel;
    }
}
