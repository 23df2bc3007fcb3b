using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// LinePass: along one axis of every sample, y[p] = sum over t of w[t] x[p + t - radius], zero outside the volume; or divided by the sum of
// the weights inside it.
// x, y: float[B][D,H,W], different buffers; w in the sample's words. 8 B/voxel, neighbours from the cache; a thread per voxel.
// Values: the same run to run on one device. Reference: Blur.Reference.cs.

/// <summary>A short filter along one axis, on a device.</summary>
public sealed class LinePass
{
    private readonly Action<KernelConfig, Kernel> kernel;
    private readonly VolumeShape shape;
    private readonly bool renormalises;

    /// <summary>Makes the kernel launchable.</summary>
    /// <param name="loader">Loads the kernel.</param>
    /// <param name="shape">Shape of one sample.</param>
    /// <param name="renormalises">Whether the weights inside the volume have the sum 1.</param>
    public LinePass(KernelLoader loader, VolumeShape shape, bool renormalises = false)
    {
        ArgumentNullException.ThrowIfNull(loader);
        this.shape = shape;
        this.renormalises = renormalises;
        kernel = loader.Load<Kernel>();
    }

    /// <summary>Filters every sample.</summary>
    /// <param name="batch">The batch: its words, and its measured words where the result's range is merged into, or none.</param>
    /// <param name="axis">0 is z, 1 is y, 2 is x.</param>
    /// <param name="weights">The word of the first weight in a row.</param>
    /// <param name="taps">How many, odd.</param>
    /// <param name="from">Image before.</param>
    /// <param name="to">Written; another buffer.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public void Run(in StageBatch batch, int axis, int weights, int taps, ArrayView<float> from, ArrayView<float> to)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch));
        LaunchCheck.AtLeast(from.Length, batch.Samples * shape.VoxelCount, nameof(from));
        LaunchCheck.AtLeast(to.Length, batch.Samples * shape.VoxelCount, nameof(to));
        var plan = new LinePlan(shape, axis, batch.Layout.Stride, weights, taps, renormalises, batch.Measured.Length > 0);
        kernel(BatchGrid.Of(plan.Voxels, batch.Samples), new(batch.Words, batch.Measured, from, to, plan));
    }

    /// <summary>Filters every sample along every axis, from image to image in turn; the last launch measures.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="weights">The word of the first weight in a row, [z, y, x][tap].</param>
    /// <param name="taps">How many along each axis, odd.</param>
    /// <param name="image">Image before.</param>
    /// <param name="other">Another buffer.</param>
    /// <returns>What holds the result, and the other one.</returns>
    public (ArrayView<float> Result, ArrayView<float> Other) RunAxes(
        in StageBatch batch, int weights, int taps, ArrayView<float> image, ArrayView<float> other)
    {
        StageBatch unmeasured = batch with { Measured = ArrayView<uint>.Empty };
        for (int axis = 3 - shape.Dimensions; axis < 3; axis++)
        {
            StageBatch own = axis == 2 ? batch : unmeasured;
            Run(in own, axis, weights + (axis * taps), taps, image, other);
            (image, other) = (other, image);
        }

        return (image, other);
    }

    /// <summary>The filter at one voxel.</summary>
    internal static float At(ArrayView<uint> words, ArrayView<float> from, LinePlan plan, int voxel)
    {
        int place = voxel / plan.Step % plan.Length;
        int firstTap = KernelMath.Max(0, plan.Radius - place);
        int endTap = KernelMath.Min(plan.Taps, plan.Length - place + plan.Radius);
        int at = voxel + ((firstTap - plan.Radius) * plan.Step);
        float sum = 0f;
        float inside = 0f;
        for (int tap = firstTap; tap < endTap; tap++)
        {
            float weight = SampleLayout.Number(words, plan.Weights + tap);
            sum += weight * from[at];
            inside += weight;
            at += plan.Step;
        }

        return plan.Renormalises != 0 && endTap - firstTap < plan.Taps ? sum / inside : sum;
    }

    // One voxel per thread, of the sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, ArrayView<float> to, LinePlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            PaintedRange range = PaintedRange.Empty();
            if (voxel < plan.Voxels)
            {
                float value = At(
                    words.SubView((long)sample * plan.Stride, plan.Stride), from.SubView((long)sample * plan.Voxels, plan.Voxels), plan, voxel);
                to[((long)sample * plan.Voxels) + voxel] = value;
                range = range.With(value);
            }

            if (plan.Measures != 0)
            {
                range.Merge(shared, measured, sample);
            }
        }
    }
}

/// <summary>What a launch of a <see cref="LinePass"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct LinePlan(VolumeShape shape, int axis, int stride, int weights, int taps, bool renormalises, bool measures)
{
    public readonly int Voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
    public readonly int Step = axis == 0 ? shape.Height * shape.Width : axis == 1 ? shape.Width : 1;
    public readonly int Length = axis == 0 ? shape.Depth : axis == 1 ? shape.Height : shape.Width;
    public readonly int Stride = stride;
    public readonly int Weights = weights;
    public readonly int Taps = taps;
    public readonly int Radius = taps / 2;
    public readonly int Renormalises = renormalises ? 1 : 0;
    public readonly int Measures = measures ? 1 : 0;
}
