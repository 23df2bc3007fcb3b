using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Gibbs: axis after axis, from image to image; where a sample's lines stay as they are, they are copied. 8 B/voxel and axis, the line of a voxel from
// the cache; a thread per voxel. Values: the same run to run on one device.

/// <summary>The ringing on a device.</summary>
internal sealed class GibbsDeviceStage(StepPlace place) : DeviceStage
{
    private static readonly string[] Acts = [nameof(Gibbs.Drawn.ActsZ), nameof(Gibbs.Drawn.ActsY), nameof(Gibbs.Drawn.ActsX)];
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, Kernel>? kernel;

    /// <inheritdoc/>
    public override bool EndsInSecond => shape.Dimensions == 3;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2 * sizeof(float) * shape.Dimensions;

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => kernel = loader.Load<Kernel>();

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch));
        LaunchCheck.AtLeast(batch.First.Length, batch.Samples * shape.VoxelCount, nameof(batch));
        LaunchCheck.AtLeast(batch.Second.Length, batch.Samples * shape.VoxelCount, nameof(batch));
        (ArrayView<float> from, ArrayView<float> to) = (batch.First, batch.Second);
        int weights = place.Entry.Lists;
        for (int axis = 0; axis < 3; axis++)
        {
            if (axis >= 3 - shape.Dimensions)
            {
                int acts = SampleLayout.FieldOf<Gibbs.Drawn>(place.Entry, Acts[axis]);
                var plan = new CirculantPlan(shape, axis, batch.Layout.Stride, acts, weights);
                ArrayView<uint> measured = axis == 2 ? batch.Measured : ArrayView<uint>.Empty;
                kernel!(BatchGrid.Of(plan.Lines.Voxels, batch.Samples), new(batch.Words, measured, from, to, plan));
                (from, to) = (to, from);
            }

            weights += LineAxis.LengthOf(shape, axis);
        }
    }

    // One voxel per thread, of the sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, ArrayView<float> to, CirculantPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            PaintedRange range = PaintedRange.Empty();
            if (voxel < plan.Lines.Voxels)
            {
                ArrayView<uint> row = words.SubView((long)sample * plan.Stride, plan.Stride);
                long start = (long)sample * plan.Lines.Voxels;
                float value = row[plan.Acts] != 0 ? At(row, from.SubView(start, plan.Lines.Voxels), voxel) : from[start + voxel];
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
            int place = voxel / plan.Lines.Step % plan.Lines.Length;
            int at = voxel - (place * plan.Lines.Step);
            float sum = 0f;
            for (int other = -place; other < plan.Lines.Length - place; other++)
            {
                sum += SampleLayout.Number(row, plan.Weights + KernelMath.Max(other, -other)) * image[at];
                at += plan.Lines.Step;
            }

            return sum;
        }
    }
}

/// <summary>What a launch over the lines along an axis does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CirculantPlan(VolumeShape shape, int axis, int stride, int acts, int weights)
{
    public readonly LineAxis Lines = new(shape, axis);
    public readonly int Stride = stride;
    public readonly int Acts = acts;
    public readonly int Weights = weights;
}
