using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// y(x) = sum_m c_m I(x - d_m), from image to image: 8 B/voxel, the copies from the cache where it holds them. A thread per voxel.
// Values: the same run to run on one device.

/// <summary>Ghosts on a device.</summary>
internal sealed class GhostDeviceStage(StepPlace place) : DeviceStage
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
        var plan = new GhostPlan(shape, batch.Layout.Stride, place.Entry.First, batch.Measured.Length > 0);
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch));
        LaunchCheck.AtLeast(batch.First.Length, (long)batch.Samples * plan.Voxels, nameof(batch));
        LaunchCheck.AtLeast(batch.Second.Length, (long)batch.Samples * plan.Voxels, nameof(batch));
        kernel!(BatchGrid.Of(plan.Voxels, batch.Samples), new(batch.Words, batch.Measured, batch.First, batch.Second, plan));
    }

    // One voxel per thread, of the sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, ArrayView<float> to, GhostPlan plan) : IKernel
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
                long first = (long)sample * plan.Voxels;
                var row = new Row(words.SubView((long)sample * plan.Stride, plan.Stride), measured, sample);
                float value = At(in row, from.SubView(first, plan.Voxels), voxel);
                to[first + voxel] = value;
                range = range.With(value);
            }

            if (plan.Measures != 0)
            {
                range.Merge(shared, measured, sample);
            }
        }

        private float At(in Row row, ArrayView<float> own, int voxel)
        {
            Ghost.Drawn drawn = Real1.Drawn<Ghost.Drawn>(in row, plan.First);
            int step = drawn.Axis < 0.5f ? plan.StepZ : drawn.Axis < 1.5f ? plan.Width : 1;
            int length = drawn.Axis < 0.5f ? plan.Depth : drawn.Axis < 1.5f ? plan.Height : plan.Width;
            int at = voxel / step % length;
            float real = 0f;
            float imaginary = 0f;
            for (int copy = 0; copy < drawn.Used; copy++)
            {
                int word = drawn.Weights.First + (Ghost.CopyWords * copy);
                int source = at - (int)SampleLayout.Number(row.Words, word);
                float value = own[voxel + (((source < 0 ? source + length : source) - at) * step)];
                real += SampleLayout.Number(row.Words, word + 1) * value;
                imaginary += SampleLayout.Number(row.Words, word + 2) * value;
            }

            return drawn.IsMagnitude != 0 ? KernelMath.Sqrt((real * real) + (imaginary * imaginary)) : real;
        }
    }
}

/// <summary>What a launch of a <see cref="GhostDeviceStage"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct GhostPlan(VolumeShape shape, int stride, int first, bool measures)
{
    public readonly int Voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
    public readonly int Depth = shape.Depth;
    public readonly int Height = shape.Height;
    public readonly int Width = shape.Width;
    public readonly int StepZ = shape.Height * shape.Width;
    public readonly int Stride = stride;
    public readonly int First = first;
    public readonly int Measures = measures ? 1 : 0;
}
