using ILGPU;

namespace GpuSynth.Kernels;

public static partial class Painting
{
    // No blur: one group per tile and run of planes, of the sample Grid.IdxY. The noise goes through shared memory, as one block
    // of Philox makes four voxels that different threads write.
    internal readonly struct PlainKernel(
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
            ArrayView<float> noise = SharedMemory.Allocate<float>(NoiseLength);
            ArrayView<float> means = SharedMemory.Allocate<float>(PaintingTile.Means);
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            var tile = new PaintingTile(plan, Grid.IdxX, Group.IdxX);
            PaintingTile.LoadMeans(words, layout, sample, means);
            ArrayView<byte> ownLabels = labels.SubView((long)sample * plan.Voxels, plan.Voxels);
            ArrayView<float> ownNodes = nodes.SubView((long)sample * plan.Bias.Count, plan.Bias.Count);
            ArrayView<float> ownImage = image.SubView((long)sample * plan.Voxels, plan.Voxels);
            RandomPlace place = layout.AppearancePlace(words, sample, Streams.NoiseVoxels);
            float std = NoiseStd(words, measured, layout, sample);
            float factor = BiasColumn.Factor(words, measured, layout, sample);
            int firstY = tile.FirstRow + (tile.RowGroup * plan.RowsPerThread);
            int endY = tile.X < tile.EndX ? KernelMath.Min(firstY + plan.RowsPerThread, plan.Height) : 0;
            bool hasBias = plan.Bias.IsThere != 0 && firstY < endY;
            int noiseStride = plan.Segments == 1 ? plan.Width : plan.Lanes;
            var placeX = new BiasPlace(tile.X, plan.Bias.NodesX, plan.Bias.StepsX, plan.Bias.PerStepX);
            PaintedRange range = PaintedRange.Empty();
            for (int z = tile.FirstPlane; z < tile.EndPlane; z++)
            {
                if (plan.HasNoise != 0)
                {
                    MakeNoise(noise, plan, tile, place, std, 0, z);
                }

                Group.Barrier();
                var placeZ = new BiasPlace(z, plan.Bias.NodesZ, plan.Bias.StepsZ, plan.Bias.PerStepZ);
                int product = firstY * (plan.Bias.NodesY - 1);
                int nodeY = product / plan.Bias.StepsY;
                int remainder = product - (nodeY * plan.Bias.StepsY);
                float below = 0f;
                float above = 0f;
                if (hasBias)
                {
                    below = BiasColumn.NodeRow(ownNodes, plan.Bias, placeZ, placeX, nodeY, factor);
                    above = BiasColumn.NodeRow(
                        ownNodes, plan.Bias, placeZ, placeX, KernelMath.Min(nodeY + 1, plan.Bias.NodesY - 1), factor);
                }

                int noiseAt = (tile.RowGroup * plan.RowsPerThread * noiseStride) + tile.Column;
                int voxel = (((z * plan.Height) + firstY) * plan.Width) + tile.X;
                for (int y = firstY; y < endY; y++)
                {
                    float value = BiasField.Voxel(
                        means[(int)ownLabels[voxel]], NoiseField.Linear(below, above, remainder * plan.Bias.PerStepY));
                    if (plan.HasNoise != 0)
                    {
                        value += noise[noiseAt];
                    }

                    ownImage[voxel] = value;
                    range = range.With(value);
                    voxel += plan.Width;
                    noiseAt += noiseStride;
                    remainder += plan.Bias.NodesY - 1;
                    if (remainder >= plan.Bias.StepsY && hasBias)
                    {
                        remainder -= plan.Bias.StepsY;
                        nodeY++;
                        below = above;
                        above = BiasColumn.NodeRow(
                            ownNodes, plan.Bias, placeZ, placeX, KernelMath.Min(nodeY + 1, plan.Bias.NodesY - 1), factor);
                    }
                }

                Group.Barrier();
            }

            range.Merge(shared, measured, sample);
        }
    }
}
