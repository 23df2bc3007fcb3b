using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// NoisyResolution: the slices along z, y and x, each into the first places of the same lines of the other image, in the last launch with their noise;
// then the voxels between them along x, y and z. Axes that stay as they are are copied. 16 B/voxel and axis; a thread per voxel.
// Random bits: those of every device. Values: the same run to run on one device.

/// <summary>The resolution with noise of its slices, on a device.</summary>
internal sealed class NoisyResolutionDeviceStage(StepPlace place, int weightWords, uint stream) : DeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, TakeKernel>? take;
    private Action<KernelConfig, NoiseKernel>? noise;
    private Action<KernelConfig, BetweenKernel>? between;

    /// <inheritdoc/>
    public override bool EndsInSecond => false;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 4 * sizeof(float) * shape.Dimensions;

    /// <inheritdoc/>
    public override void Start(KernelLoader loader)
    {
        take = loader.Load<TakeKernel>();
        noise = loader.Load<NoiseKernel>();
        between = loader.Load<BetweenKernel>();
    }

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        batch.Check(shape);
        (ArrayView<float> from, ArrayView<float> to) = (batch.First, batch.Second);
        for (int axis = 3 - shape.Dimensions; axis < 3; axis++, (from, to) = (to, from))
        {
            ResolutionPlan plan = ResolutionPlan.Of(in place, axis, batch.Layout, weightWords);
            KernelConfig grid = BatchGrid.Of(plan.Lines.Voxels, batch.Samples);
            if (axis < 2)
            {
                take!(grid, new(batch.Words, from, to, plan));
            }
            else
            {
                int drawn = SampleLayout.FieldOf<Resolution.Drawn>(place.Entry, nameof(Resolution.Drawn.Noise));
                int alongZ = ResolutionPlan.SlicesWord(place.Entry, 0);
                int alongY = ResolutionPlan.SlicesWord(place.Entry, 1);
                noise!(grid, new(batch.Words, from, to, plan, drawn, stream, shape.Height * shape.Width, alongZ, alongY));
            }
        }

        for (int axis = 2; axis >= 3 - shape.Dimensions; axis--, (from, to) = (to, from))
        {
            ResolutionPlan plan = ResolutionPlan.Of(in place, axis, batch.Layout, weightWords);
            ArrayView<uint> measured = axis == 3 - shape.Dimensions ? batch.Measured : ArrayView<uint>.Empty;
            between!(BatchGrid.Of(plan.Lines.Voxels, batch.Samples), new(batch.Words, measured, from, to, plan));
        }
    }

    // The slice of one place of a line per thread, of the sample Grid.IdxY.
    internal readonly struct TakeKernel(ArrayView<uint> words, ArrayView<float> from, ArrayView<float> to, ResolutionPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            int slice = voxel / plan.Lines.Step % plan.Lines.Length;
            ArrayView<uint> row = words.SubView((long)Grid.IdxY * plan.Stride, plan.Stride);
            ResampledAxis slices = plan.AxisIn(row);
            if (voxel < plan.Lines.Voxels && (slices.Slices == 0 || slice < slices.Slices))
            {
                long start = (long)Grid.IdxY * plan.Lines.Voxels;
                ArrayView<float> image = from.SubView(start, plan.Lines.Voxels);
                to[start + voxel] = slices.Slices == 0 ? image[voxel] : plan.SliceAt(row, image, in slices, voxel, slice);
            }
        }
    }

    // The same along x, with the noise of what is a slice along every axis.
    internal readonly struct NoiseKernel(
        ArrayView<uint> words,
        ArrayView<float> from,
        ArrayView<float> to,
        ResolutionPlan plan,
        int noise,
        uint stream,
        int planeVoxels,
        int slicesZ,
        int slicesY) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            ArrayView<uint> row = words.SubView((long)Grid.IdxY * plan.Stride, plan.Stride);
            ResampledAxis slices = plan.AxisIn(row);
            int slice = voxel % plan.Lines.Length;
            bool isSlice = IsSlice((int)row[slicesZ], voxel / planeVoxels)
                && IsSlice((int)row[slicesY], voxel % planeVoxels / plan.Lines.Length) && IsSlice(slices.Slices, slice);
            if (voxel >= plan.Lines.Voxels || !isSlice)
            {
                return;
            }

            long start = (long)Grid.IdxY * plan.Lines.Voxels;
            ArrayView<float> image = from.SubView(start, plan.Lines.Voxels);
            float value = slices.Slices == 0 ? image[voxel] : plan.SliceAt(row, image, in slices, voxel, slice);
            var drawn = new Row(row, ArrayView<uint>.Empty, 0);
            SliceNoise numbers = Real1.Drawn<SliceNoise>(in drawn, noise);
            to[start + voxel] = numbers.At(value, drawn.Place<Real1, Word1>(stream), voxel);
        }

        private static bool IsSlice(int slices, int place) => slices == 0 || place < slices;
    }

    // One voxel per thread, of the sample Grid.IdxY.
    internal readonly struct BetweenKernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, ArrayView<float> to, ResolutionPlan plan) : IKernel
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
                ResampledAxis slices = plan.AxisIn(words.SubView((long)sample * plan.Stride, plan.Stride));
                long start = (long)sample * plan.Lines.Voxels;
                ArrayView<float> taken = from.SubView(start, plan.Lines.Voxels);
                float value = slices.Slices == 0 ? taken[voxel] : plan.VoxelAt(taken, in slices, voxel);
                to[start + voxel] = value;
                range = range.With(value);
            }

            if (measured.Length > 0)
            {
                range.Merge(shared, measured, sample);
            }
        }
    }
}
