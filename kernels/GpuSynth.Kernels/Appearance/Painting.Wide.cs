using ILGPU;

namespace GpuSynth.Kernels;

public static partial class Painting
{
    private const int WideTile = 16;
    private const int WideEdge = WideTile + MaximumTaps - 1;

    // Any number of taps: a group owns 16 x 16 columns. Per plane: the painted tile with its margin, blurred along y, blurred
    // along x into the ring of the last planes; a thread's own column of the ring is summed along z, so that the ring needs no
    // barrier. Every voxel of a margin has a block of Philox of its own: this is the path of recipes that nobody trains with.
    internal readonly struct WideKernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        ArrayView<float> image,
        SampleLayout layout,
        TilePlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<float> painted = SharedMemory.Allocate<float>(WideEdge * WideEdge);
            ArrayView<float> between = SharedMemory.Allocate<float>(WideTile * WideEdge);
            ArrayView<float> ring = SharedMemory.Allocate<float>(WideTile * WideTile * MaximumTaps);
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int thread = Group.IdxX;
            var tile = new PaintingTile(plan, Grid.IdxX, thread);
            int taps = layout.Taps;
            int radius = taps / 2;
            int edge = WideTile + taps - 1;
            int firstWord = sample * layout.Stride;
            int weights = firstWord + layout.BlurWeights;
            ArrayView<byte> ownLabels = labels.SubView((long)sample * plan.Voxels, plan.Voxels);
            ArrayView<float> ownNodes = nodes.SubView((long)sample * plan.Bias.Count, plan.Bias.Count);
            ArrayView<float> ownImage = image.SubView((long)sample * plan.Voxels, plan.Voxels);
            RandomPlace place = layout.AppearancePlace(words, sample, Streams.NoiseVoxels);
            float std = NoiseStd(words, measured, layout, sample);
            float factor = BiasColumn.Factor(words, measured, layout, sample);
            int y = tile.FirstRow + tile.RowGroup;
            bool writes = tile.X < tile.EndX && y < plan.Height;
            PaintedRange range = PaintedRange.Empty();

            // Before the volume there are zeros.
            for (int slot = 0; slot < taps; slot++)
            {
                ring[(slot * WideTile * WideTile) + thread] = 0f;
            }

            int newest = 0;
            int firstPlane = KernelMath.Max(0, tile.FirstPlane - plan.RadiusZ);
            for (int z = firstPlane; z < tile.EndPlane + plan.RadiusZ; z++)
            {
                for (int element = thread; element < edge * edge; element += WideTile * WideTile)
                {
                    int row = element / edge;
                    int atY = tile.FirstRow - radius + row;
                    int atX = tile.FirstX - radius + element - (row * edge);
                    float value = 0f;
                    if (z < plan.Depth && (uint)atY < (uint)plan.Height && (uint)atX < (uint)plan.Width)
                    {
                        int voxel = (((z * plan.Height) + atY) * plan.Width) + atX;
                        value = SampleLayout.Number(words, firstWord + layout.Means + ownLabels[voxel]);
                        if (plan.Bias.IsThere != 0)
                        {
                            value = BiasField.Voxel(value, FieldAt(ownNodes, plan.Bias, z, atY, atX, factor));
                        }

                        if (plan.HasNoise != 0)
                        {
                            value += std * Normal.At(in place, voxel);
                        }
                    }

                    painted[element] = value;
                }

                Group.Barrier();
                for (int element = thread; element < WideTile * edge; element += WideTile * WideTile)
                {
                    float sum = 0f;
                    for (int tap = 0; tap < taps; tap++)
                    {
                        sum += SampleLayout.Number(words, weights + taps + tap) * painted[element + (tap * edge)];
                    }

                    between[element] = sum;
                }

                Group.Barrier();
                float planeValue = 0f;
                for (int tap = 0; tap < taps; tap++)
                {
                    planeValue += SampleLayout.Number(words, weights + (2 * taps) + tap)
                        * between[(tile.RowGroup * edge) + tile.Column + tap];
                }

                ring[(newest * WideTile * WideTile) + thread] = planeValue;
                newest = newest + 1 == taps ? 0 : newest + 1;
                int written = z - plan.RadiusZ;
                if (writes && written >= tile.FirstPlane)
                {
                    float value = planeValue;
                    if (plan.RadiusZ != 0)
                    {
                        // The oldest plane is where the next one will go.
                        value = 0f;
                        int slot = newest;
                        for (int tap = 0; tap < taps; tap++)
                        {
                            value += SampleLayout.Number(words, weights + tap) * ring[(slot * WideTile * WideTile) + thread];
                            slot = slot + 1 == taps ? 0 : slot + 1;
                        }
                    }

                    ownImage[(((written * plan.Height) + y) * plan.Width) + tile.X] = value;
                    range = range.With(value);
                }
            }

            range.Merge(shared, measured, sample);
        }
    }

    private static float FieldAt(ArrayView<float> nodes, BiasSpan span, int z, int y, int x, float factor)
    {
        var placeZ = new BiasPlace(z, span.NodesZ, span.StepsZ, span.PerStepZ);
        var placeY = new BiasPlace(y, span.NodesY, span.StepsY, span.PerStepY);
        var placeX = new BiasPlace(x, span.NodesX, span.StepsX, span.PerStepX);
        return NoiseField.Linear(
            BiasColumn.NodeRow(nodes, span, placeZ, placeX, placeY.Near, factor),
            BiasColumn.NodeRow(nodes, span, placeZ, placeX, placeY.Far, factor),
            placeY.Fraction);
    }
}
