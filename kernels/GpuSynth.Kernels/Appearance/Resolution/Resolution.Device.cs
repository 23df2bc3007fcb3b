using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Resolution: axis after axis, the slices of every line into the first places of the same line of another image, then the voxels between them back
// into the first. Samples and axes that stay as they are read and write nothing. At most 16 B/voxel and axis; a thread per voxel.
// Values: the same run to run on one device.

/// <summary>The resolution on a device.</summary>
internal sealed class ResolutionDeviceStage(StepPlace place, int weightWords) : DeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, TakeKernel>? take;
    private Action<KernelConfig, BetweenKernel>? between;

    /// <inheritdoc/>
    public override bool EndsInSecond => false;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 4 * sizeof(float) * shape.Dimensions;

    /// <inheritdoc/>
    public override void Start(KernelLoader loader)
    {
        take = loader.Load<TakeKernel>();
        between = loader.Load<BetweenKernel>();
    }

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        batch.Check(shape);
        for (int axis = 3 - shape.Dimensions; axis < 3; axis++)
        {
            ResolutionPlan plan = ResolutionPlan.Of(in place, axis, batch.Layout, weightWords);
            KernelConfig grid = BatchGrid.Of(plan.Lines.Voxels, batch.Samples);
            take!(grid, new(batch.Words, batch.First, batch.Second, plan));
            between!(grid, new(batch.Words, axis == 2 ? batch.Measured : ArrayView<uint>.Empty, batch.Second, batch.First, plan));
        }
    }

    // The slice of one place of a line per thread, of the sample Grid.IdxY.
    internal readonly struct TakeKernel(ArrayView<uint> words, ArrayView<float> image, ArrayView<float> taken, ResolutionPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            int slice = voxel / plan.Lines.Step % plan.Lines.Length;
            ArrayView<uint> row = words.SubView((long)Grid.IdxY * plan.Stride, plan.Stride);
            ResampledAxis slices = plan.AxisIn(row);
            if (voxel >= plan.Lines.Voxels || slice >= slices.Slices)
            {
                return;
            }

            long start = (long)Grid.IdxY * plan.Lines.Voxels;
            taken[start + voxel] = plan.SliceAt(row, image.SubView(start, plan.Lines.Voxels), in slices, voxel, slice);
        }
    }

    // One voxel per thread, of the sample Grid.IdxY.
    internal readonly struct BetweenKernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> taken, ArrayView<float> image, ResolutionPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            bool measures = measured.Length > 0;
            PaintedRange range = PaintedRange.Empty();
            ResampledAxis slices = plan.AxisIn(words.SubView((long)sample * plan.Stride, plan.Stride));
            long start = (long)sample * plan.Lines.Voxels;
            if (voxel < plan.Lines.Voxels && (slices.Slices > 0 || measures))
            {
                if (slices.Slices > 0)
                {
                    image[start + voxel] = plan.VoxelAt(taken.SubView(start, plan.Lines.Voxels), in slices, voxel);
                }

                range = range.With(image[start + voxel]);
            }

            if (measures)
            {
                range.Merge(shared, measured, sample);
            }
        }
    }
}

/// <summary>What a launch of the resolution does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ResolutionPlan(VolumeShape shape, int axis, int stride, int drawn, int weights)
{
    public readonly LineAxis Lines = new(shape, axis);
    public readonly int Stride = stride;
    public readonly int Drawn = drawn;
    public readonly int Weights = weights;

    /// <summary>That of an axis of a component.</summary>
    /// <param name="place">Where the component stands.</param>
    /// <param name="axis">0 along z, 1 along y, 2 along x.</param>
    /// <param name="layout">Where the samples' words lie.</param>
    /// <param name="weightWords">Words of the weights of an axis.</param>
    public static ResolutionPlan Of(in StepPlace place, int axis, SampleLayout layout, int weightWords) =>
        new(place.Facts.Shape, axis, layout.Stride, SlicesWord(place.Entry, axis), place.Entry.Lists + (axis * weightWords));

    /// <summary>Where the slices of an axis stand in the row.</summary>
    public static int SlicesWord(RowEntry entry, int axis) => SampleLayout.FieldOf<Resolution.Drawn>(
        entry, axis == 0 ? nameof(Resolution.Drawn.Z) : axis == 1 ? nameof(Resolution.Drawn.Y) : nameof(Resolution.Drawn.X));

    /// <summary>The slices of a sample.</summary>
    public ResampledAxis AxisIn(ArrayView<uint> row) => Real1.Drawn<ResampledAxis>(new Row(row, ArrayView<uint>.Empty, 0), Drawn);

    /// <summary>The slice at a place of a line.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="image">The sample's image.</param>
    /// <param name="slices">The slices of its lines.</param>
    /// <param name="voxel">The place.</param>
    /// <param name="slice">Its slice, one that there is.</param>
    public float SliceAt(ArrayView<uint> row, ArrayView<float> image, in ResampledAxis slices, int voxel, int slice)
    {
        // The weights about the voxel, and behind a 0 those about the next one.
        int before = slices.Before(slice, Lines.Length, out float along);
        int first = KernelMath.Max(0, before - slices.Radius);
        int end = KernelMath.Min(Lines.Length - 1, before + 1 + slices.Radius);
        int weight = Weights + 1 + first - (before - slices.Radius);
        int at = voxel + ((first - slice) * Lines.Step);
        (float sum, float inside, float nextSum, float nextInside) = (0f, 0f, 0f, 0f);
        for (int place = first; place <= end; place++)
        {
            float value = image[at];
            float here = SampleLayout.Number(row, weight);
            float next = SampleLayout.Number(row, weight - 1);
            sum += here * value;
            inside += here;
            nextSum += next * value;
            nextInside += next;
            weight++;
            at += Lines.Step;
        }

        float own = sum / inside;
        return along > 0f ? own + (along * ((nextSum / nextInside) - own)) : own;
    }

    /// <summary>A voxel between slices.</summary>
    /// <param name="taken">The sample's slices, in the first places of its lines.</param>
    /// <param name="slices">The slices of its lines.</param>
    /// <param name="voxel">Which.</param>
    public float VoxelAt(ArrayView<float> taken, in ResampledAxis slices, int voxel)
    {
        int place = voxel / Lines.Step % Lines.Length;
        int slice = slices.SliceBefore(place, out float along);
        int at = voxel + ((slice - place) * Lines.Step);
        float own = taken[at];
        return along > 0f ? own + (along * (taken[at + Lines.Step] - own)) : own;
    }
}
