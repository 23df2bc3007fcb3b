using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// PartialFourier: one launch from image to another, each sample along its own axis; one that misses no lines is copied. 8 B/voxel, the line of a
// voxel from the cache; a thread per voxel. Values: the same run to run on one device.

/// <summary>Missing lines on a device.</summary>
internal sealed class PartialFourierDeviceStage(StepPlace place) : DeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, Kernel>? kernel;

    /// <inheritdoc/>
    public override bool EndsInSecond => true;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2 * sizeof(float);

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => kernel = loader.Load<Kernel>();

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch));
        LaunchCheck.AtLeast(batch.First.Length, batch.Samples * shape.VoxelCount, nameof(batch));
        LaunchCheck.AtLeast(batch.Second.Length, batch.Samples * shape.VoxelCount, nameof(batch));
        var plan = new PartialFourierPlan(shape, batch.Layout.Stride, place.Entry);
        kernel!(BatchGrid.Of(plan.Z.Voxels, batch.Samples), new(batch.Words, batch.Measured, batch.First, batch.Second, plan));
    }

    // One voxel per thread, of the sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, ArrayView<float> to, PartialFourierPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            PaintedRange range = PaintedRange.Empty();
            if (voxel < plan.Z.Voxels)
            {
                ArrayView<uint> row = words.SubView((long)sample * plan.Stride, plan.Stride);
                long start = (long)sample * plan.Z.Voxels;
                float value = row[plan.Acts] != 0 ? At(row, from.SubView(start, plan.Z.Voxels), voxel) : from[start + voxel];
                to[start + voxel] = value;
                range = range.With(value);
            }

            if (measured.Length > 0)
            {
                range.Merge(shared, measured, sample);
            }
        }

        private float At(ArrayView<uint> row, ArrayView<float> image, int voxel)
        {
            uint axis = row[plan.Axis];
            int step = axis == 0 ? plan.Z.Step : axis == 1 ? plan.Y.Step : plan.X.Step;
            int length = axis == 0 ? plan.Z.Length : axis == 1 ? plan.Y.Length : plan.X.Length;
            int place = voxel / step % length;
            int at = voxel - (place * step);
            float real = 0f;
            float imaginary = 0f;
            for (int other = -place; other < length - place; other++)
            {
                // The real part is even; the sign of the imaginary one a magnitude does not see, as long as it is that of all.
                int distance = KernelMath.Max(other, -other);
                float sign = other < 0 ? -1f : 1f;
                real += SampleLayout.Number(row, plan.Real + distance) * image[at];
                imaginary += sign * SampleLayout.Number(row, plan.Imaginary + distance) * image[at];
                at += step;
            }

            return KernelMath.Sqrt((real * real) + (imaginary * imaginary));
        }
    }
}

/// <summary>What a launch of the missing lines does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct PartialFourierPlan(VolumeShape shape, int stride, RowEntry entry)
{
    public readonly LineAxis Z = new(shape, 0);
    public readonly LineAxis Y = new(shape, 1);
    public readonly LineAxis X = new(shape, 2);
    public readonly int Stride = stride;
    public readonly int Axis = SampleLayout.FieldOf<PartialFourier.Drawn>(entry, nameof(PartialFourier.Drawn.Axis));
    public readonly int Acts = SampleLayout.FieldOf<PartialFourier.Drawn>(entry, nameof(PartialFourier.Drawn.Acts));
    public readonly int Real = entry.Lists;
    public readonly int Imaginary = entry.Lists + LineAxis.Longest(shape);
}
