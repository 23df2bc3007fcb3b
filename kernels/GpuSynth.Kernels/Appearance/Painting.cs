using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Painting: I = blur(mean[label] exp(b) + sigma z) of a whole batch, b the bias field, z white noise with sigma =
// NoiseStdOfMaximum x LargestIntensity, the blur of up to seven taps, separable and zero padded: contrast, bias field and noise fused by hand
// (PaintedSource) in the tiles of the blur (TileKernel), or without one in the same tiles.
// label: byte[B][D,H,W]; nodes: float[B][N_z,N_y,N_x]; I: float[B][D,H,W]. 5 B/voxel, and 8 B/voxel for the pass along z.
// The range of the result is merged into measured[Minimum] and measured[Maximum].
// Random bits: the same on every device. Values: the same run to run on one device.
// Reference: Contrast, BiasField, WhiteNoise, Blur (.Reference.cs). Source: RaSD, appearance steps 5 to 8.

/// <summary>Images of a batch from their labels, before the normalisation.</summary>
public static class Painting
{
    /// <summary>Painting on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, PlainKernel>? plainKernel;
        private readonly TileFilter<PaintedSource>? blurred;
        private readonly VolumeShape shape;
        private readonly BiasSpan bias;
        private readonly bool hasNoise;
        private readonly int taps;

        /// <summary>Makes the kernels launchable that a recipe needs.</summary>
        /// <param name="loader">Loads the kernels.</param>
        /// <param name="shape">Shape of one sample.</param>
        /// <param name="bias">Layout of the bias field, or null.</param>
        /// <param name="hasNoise">Whether there is noise.</param>
        /// <param name="taps">Taps of the blur, odd, at most <see cref="TilePass.MostTaps"/>; 1 without blur.</param>
        /// <exception cref="ArgumentOutOfRangeException">Taps are even or too many.</exception>
        public Launcher(KernelLoader loader, VolumeShape shape, BiasGrid? bias, bool hasNoise, int taps)
        {
            ArgumentNullException.ThrowIfNull(loader);
            if (taps < 1 || taps > TilePass.MostTaps || taps % 2 == 0)
            {
                throw new ArgumentOutOfRangeException(nameof(taps), taps, $"must be an odd number, 1 to {TilePass.MostTaps}.");
            }

            this.shape = shape;
            this.bias = new BiasSpan(bias);
            this.hasNoise = hasNoise;
            this.taps = taps;
            plainKernel = taps == 1 ? loader.Load<PlainKernel>() : null;
            blurred = taps == 1 ? null : new TileFilter<PaintedSource>(loader, shape);
        }

        /// <summary>Paints every sample.</summary>
        /// <param name="words">Table of the samples' words.</param>
        /// <param name="measured">Read: <see cref="MeasuredWords.LargestIntensity"/> with noise,
        /// <see cref="MeasuredWords.TableMaximum"/> with a bias field; merged into: the range of what is written.</param>
        /// <param name="layout">Where the words lie.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="labels">Labels, byte[samples][D,H,W].</param>
        /// <param name="nodes">Nodes of the bias field, [sample][node]; not read without one.</param>
        /// <param name="image">Written: float[samples][D,H,W].</param>
        /// <exception cref="ArgumentException">A view is too short, or the layout has other taps.</exception>
        public void Run(
            ArrayView<uint> words,
            ArrayView<uint> measured,
            SampleLayout layout,
            int samples,
            ArrayView<byte> labels,
            ArrayView<float> nodes,
            ArrayView<float> image)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            LaunchCheck.Length(layout.Taps, taps, nameof(layout));
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
            LaunchCheck.AtLeast(labels.Length, samples * shape.VoxelCount, nameof(labels));
            LaunchCheck.AtLeast(nodes.Length, (long)samples * bias.Count, nameof(nodes));
            LaunchCheck.AtLeast(image.Length, samples * shape.VoxelCount, nameof(image));
            int voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
            var source = new PaintedSource(measured, labels, nodes, layout, bias, voxels, hasNoise);
            blurred?.Run(words, measured, new FilterPlace(layout.Stride, layout.BlurWeights, taps, measures: true), samples, source, image);
            if (plainKernel is not null)
            {
                TilePlan plan = TilePlan.Best(shape, samples, 0);
                plainKernel(BatchGrid.OfGroups(plan.Tiles, samples, plan.Threads), new(words, measured, image, layout.Stride, plan, source));
            }
        }
    }

    // No blur: one group per tile and run of planes, of the sample Grid.IdxY.
    internal readonly struct PlainKernel(
        ArrayView<uint> words, ArrayView<uint> merged, ArrayView<float> image, int stride, TilePlan plan, PaintedSource source) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<float> made = SharedMemory.Allocate<float>(TileFours.Length);
            ArrayView<float> table = SharedMemory.Allocate<float>(Tile.TableLength);
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            var tile = new Tile(plan, Grid.IdxX, Group.IdxX);
            PaintedSource loaded = PaintedSource.Load(source, words.SubView((long)sample * stride, stride), table, sample);
            ArrayView<float> own = image.SubView((long)sample * plan.Voxels, plan.Voxels);
            int ownRow = tile.RowGroup * Tile.RowsPerThread;
            int firstY = tile.FirstRow + ownRow;
            int endY = tile.X < tile.EndX ? KernelMath.Min(firstY + Tile.RowsPerThread, plan.Height) : 0;
            int madeStride = TileFours.Stride(plan);
            PaintedRange range = PaintedRange.Empty();
            for (int z = tile.FirstPlane; z < tile.EndPlane; z++)
            {
                PaintedSource.Make(in loaded, made, plan, tile, 0, z);
                Group.Barrier();
                int at = (ownRow * madeStride) + tile.Column;
                int voxel = (((z * plan.Height) + firstY) * plan.Width) + tile.X;
                BiasWalk walk = PaintedSource.Begin(in loaded, z, firstY, tile.X, firstY < endY);
                for (int y = firstY; y < endY; y++)
                {
                    float value = PaintedSource.At(in loaded, table, walk, made, at, voxel);
                    own[voxel] = value;
                    range = range.With(value);
                    walk = walk.Next();
                    voxel += plan.Width;
                    at += madeStride;
                }

                Group.Barrier();
            }

            range.Merge(shared, merged, sample);
        }
    }
}

/// <summary>The range of what a thread has written, as keys of <see cref="GroupExtremes"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct PaintedRange(int minimum, int maximum)
{
    public readonly int Minimum = minimum;
    public readonly int Maximum = maximum;

    /// <summary>Nothing written yet.</summary>
    public static PaintedRange Empty() => new(int.MaxValue, int.MinValue);

    /// <summary>One more value.</summary>
    public PaintedRange With(float value)
    {
        int key = GroupExtremes.Key(value);
        return new PaintedRange(KernelMath.Min(Minimum, key), KernelMath.Max(Maximum, key));
    }

    /// <summary>Merges the ranges of a group's threads into the sample's words.</summary>
    public void Merge(ArrayView<int> shared, ArrayView<uint> measured, int sample)
    {
        int word = sample * MeasuredWords.PerSample;
        GroupExtremes.MergeRange(
            shared, Minimum, Maximum, measured, word + MeasuredWords.Minimum, word + MeasuredWords.Maximum);
    }
}
