using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Painting: I = blur(mean[label] exp(b) + sigma z) of a whole batch, b the bias field, z white noise with sigma =
// NoiseStdOfMaximum x LargestIntensity, the blur separable and zero padded.
// label: byte[B][D,H,W]; nodes: float[B][N_z,N_y,N_x]; I: float[B][D,H,W]. 5 B/voxel, and 8 B/voxel for the pass along z.
// The range of the result is merged into measured[Minimum] and measured[Maximum].
// Random bits: the same on every device. Values: the same run to run on one device.
// Reference: Contrast, BiasField, WhiteNoise, Blur (.Reference.cs). Source: RaSD, appearance steps 5 to 8.
//
// Up to 7 taps, SevenKernel: three phases per plane, two barriers.
//   1 the noise of the tile and of 3 rows above and below it into shared memory: one block of Philox makes 4 voxels;
//   2 a thread per column of 16 rows: contrast and bias of 22 voxels one after the other, blurred along y as they come, in
//     registers: a voxel's value adds to the seven sums that it belongs to, and the oldest sum is finished. 16 values into shared
//     memory;
//   3 the same 16 places: blurred along x from shared memory, and written.
// Then in 3D DepthKernel, in place: along z as phase 2 along y. That costs 8 B/voxel, and is less than to keep 6 open sums for
// each voxel of a tile in registers through phases 1 and 2, and to make 6 planes more for each run of planes.
// A blur of fewer taps is one of 7 with zeros. More taps (WideKernel, up to 31) keep the last planes in shared memory; that is
// slow. No blur (PlainKernel) needs none of it.

/// <summary>Images of a batch from their labels, before the normalisation.</summary>
public static partial class Painting
{
    /// <summary>Largest number of taps.</summary>
    public const int MaximumTaps = 31;

    private const int SevenTaps = (2 * PaintingTile.Radius) + 1;

    /// <summary>Painting on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, PlainKernel>? plainKernel;
        private readonly Action<KernelConfig, SevenKernel>? sevenKernel;
        private readonly Action<KernelConfig, DepthKernel>? depthKernel;
        private readonly Action<KernelConfig, WideKernel>? wideKernel;
        private readonly VolumeShape shape;
        private readonly BiasGrid? bias;
        private readonly bool hasNoise;
        private readonly int taps;

        /// <summary>Makes the kernels launchable that a recipe needs.</summary>
        /// <param name="loader">Loads the kernels.</param>
        /// <param name="shape">Shape of one sample.</param>
        /// <param name="bias">Layout of the bias field, or null.</param>
        /// <param name="hasNoise">Whether there is noise.</param>
        /// <param name="taps">Taps of the blur, odd, at most <see cref="MaximumTaps"/>; 1 without blur.</param>
        /// <exception cref="ArgumentOutOfRangeException">Taps are even or too many.</exception>
        public Launcher(KernelLoader loader, VolumeShape shape, BiasGrid? bias, bool hasNoise, int taps)
        {
            ArgumentNullException.ThrowIfNull(loader);
            if (taps < 1 || taps > MaximumTaps || taps % 2 == 0)
            {
                throw new ArgumentOutOfRangeException(nameof(taps), taps, $"must be an odd number, 1 to {MaximumTaps}.");
            }

            this.shape = shape;
            this.bias = bias;
            this.hasNoise = hasNoise;
            this.taps = taps;
            plainKernel = taps == 1 ? loader.Load<PlainKernel>() : null;
            sevenKernel = taps is > 1 and <= SevenTaps ? loader.Load<SevenKernel>() : null;
            depthKernel = sevenKernel is not null && shape.Dimensions == 3 ? loader.Load<DepthKernel>() : null;
            wideKernel = taps > SevenTaps ? loader.Load<WideKernel>() : null;
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
            TilePlan plan = taps <= SevenTaps
                ? TilePlan.ForPainting(shape, bias, samples, taps == 1 ? 0 : PaintingTile.Radius, hasNoise)
                : TilePlan.ForWideBlur(shape, bias, samples, taps / 2, hasNoise);
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
            LaunchCheck.AtLeast(labels.Length, samples * shape.VoxelCount, nameof(labels));
            LaunchCheck.AtLeast(nodes.Length, (long)samples * plan.Bias.Count, nameof(nodes));
            LaunchCheck.AtLeast(image.Length, samples * shape.VoxelCount, nameof(image));
            KernelConfig config = BatchGrid.OfGroups(plan.Tiles, samples, plan.Threads);
            var depths = new DepthPlan(shape);
            plainKernel?.Invoke(config, new(words, measured, labels, nodes, image, layout, plan));
            sevenKernel?.Invoke(config, new(words, measured, labels, nodes, image, layout, plan));
            depthKernel?.Invoke(BatchGrid.Of(depths.Plane, samples), new(words, measured, image, layout, depths));
            wideKernel?.Invoke(config, new(words, measured, labels, nodes, image, layout, plan));
        }
    }

    /// <summary>Standard deviation of a sample's noise; 0 without noise.</summary>
    private static float NoiseStd(ArrayView<uint> words, ArrayView<uint> measured, SampleLayout layout, int sample)
    {
        float largest = MeasuredWords.Value(measured[(sample * MeasuredWords.PerSample) + MeasuredWords.LargestIntensity]);
        return SampleLayout.Number(words, (sample * layout.Stride) + layout.NoiseStdOfMaximum) * largest;
    }

    // The noise of one plane of a tile into shared memory: rows first to end - 1, and only voxels of the volume. Rows that lie
    // behind each other in memory are one run of elements; where tiles share the rows, every row is a run of its own. A run
    // is cut at multiples of 64 elements, and sixteen threads take a piece, each one block of Philox. A piece's row is a third of
    // its number: n x 21846 / 65536 is that for every n below 32768, without a division.
    private static void MakeNoise(
        ArrayView<float> noise, TilePlan plan, PaintingTile tile, RandomPlace place, float std, int radius, int z)
    {
        int firstRow = KernelMath.Max(0, tile.FirstRow - radius);
        int endRow = KernelMath.Min(plan.Height, tile.FirstRow + (plan.RowGroups * plan.RowsPerThread) + radius);
        int origin = tile.FirstX - plan.MarginX;
        int firstX = KernelMath.Max(0, origin);
        int endX = KernelMath.Min(plan.Width, origin + plan.Lanes);
        bool isOneRun = plan.Segments == 1;
        int stride = isOneRun ? plan.Width : plan.Lanes;
        int length = isOneRun ? (endRow - firstRow) * plan.Width : endX - firstX;
        int firstElement = (((z * plan.Height) + firstRow) * plan.Width) + firstX;
        int firstPlace = ((firstRow - (tile.FirstRow - radius)) * stride) + (firstX - origin);
        int pieces = isOneRun ? ((firstElement & 63) + length + 63) >> 6 : (endRow - firstRow) * PiecesPerRow;
        int lane = Group.IdxX & 15;
        for (int piece = Group.IdxX >> 4; piece < pieces; piece += Group.DimX >> 4)
        {
            int row = isOneRun ? 0 : (piece * 21846) >> 16;
            int element = firstElement + (row * plan.Width);
            int group = (element >> 6) + piece - (row * PiecesPerRow);
            int offset = (group << 6) + lane - element;
            if (offset < length && offset + 48 >= 0)
            {
                UInt4 bits = Philox.At(in place, ((uint)group << 4) + (uint)lane);
                Normal.FromBits(bits.X, bits.Y, out float n0, out float n1);
                Normal.FromBits(bits.Z, bits.W, out float n2, out float n3);
                int to = firstPlace + (row * stride) + offset;
                StoreNoise(noise, to, offset, length, std * n0);
                StoreNoise(noise, to + 16, offset + 16, length, std * n1);
                StoreNoise(noise, to + 32, offset + 32, length, std * n2);
                StoreNoise(noise, to + 48, offset + 48, length, std * n3);
            }
        }
    }

    // A row of at most 128 elements reaches over at most three pieces of 64.
    private const int PiecesPerRow = 3;

    private static void StoreNoise(ArrayView<float> noise, int to, int offset, int length, float value)
    {
        if ((uint)offset < (uint)length)
        {
            noise[to] = value;
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
