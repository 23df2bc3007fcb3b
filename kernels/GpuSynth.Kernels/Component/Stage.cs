using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>A component that reads neighbours: it closes the chain before it.</summary>
public interface IStageComponent
{
    /// <summary>
    /// Whether it reads voxels from anywhere, so that on the host what is before it is written first: a plane that it asks for costs a copy then,
    /// and it may ask for one more than once and in any order. Else it asks for planes in their order, and a chain makes them as it goes.
    /// </summary>
    bool ReadsFar => false;

    /// <summary>Whether it reads the labels that intensities are made of: on the host of its source (<see cref="IPlaneSource.Labels"/>).</summary>
    bool ReadsLabels => false;

    /// <summary>The component on the host.</summary>
    HostStage CreateHostStage(in StepPlace place);

    /// <summary>The component on a device.</summary>
    DeviceStage CreateDeviceStage(in StepPlace place);
}

/// <summary>The intensities before a stage on the host, a plane at a time, made as they are asked for.</summary>
public unsafe interface IPlaneSource
{
    /// <summary>One plane [H, W], into rows a stride apart.</summary>
    /// <param name="z">Which.</param>
    /// <param name="plane">Written: the volume's height rows.</param>
    /// <param name="stride">Floats from one row to the next, at least the width.</param>
    void Plane(int z, float* plane, int stride);

    /// <summary>float[D,H,W]: all planes, where they lie in memory as they are, as they do before what reads from anywhere; else null.</summary>
    float* Image => null;

    /// <summary>byte[D,H,W]: the labels that intensities are made of; null where there are none, of a stage by itself.</summary>
    byte* Labels => null;

    /// <summary>What the stage has seen of the whole image (<see cref="HostStage.Survey"/>); null where it looks at none.</summary>
    float* Memory => null;
}

/// <summary>The planes of an image that is there.</summary>
/// <param name="image">float[D,H,W].</param>
/// <param name="shape">Its shape.</param>
/// <param name="labels">byte[D,H,W]: its labels; null where there are none.</param>
/// <param name="memory">What a stage has seen of it; null of one that looks at none.</param>
public readonly unsafe struct ImagePlanes(float* image, VolumeShape shape, byte* labels = null, float* memory = null) : IPlaneSource
{
    /// <inheritdoc/>
    public float* Image => image;

    /// <inheritdoc/>
    public byte* Labels => labels;

    /// <inheritdoc/>
    public float* Memory => memory;

    /// <inheritdoc/>
    public void Plane(int z, float* plane, int stride)
    {
        for (int y = 0; y < shape.Height; y++)
        {
            long bytes = shape.Width * sizeof(float);
            Buffer.MemoryCopy(image + ((((long)z * shape.Height) + y) * shape.Width), plane + ((long)y * stride), bytes, bytes);
        }
    }
}

/// <summary>
/// A component that reads neighbours, on the host: runs of planes are shared out over threads; each plane before it is made in cache, once per run.
/// </summary>
public abstract unsafe class HostStage
{
    // A run makes planes around its own that its neighbours make too: no shorter than this.
    private const int LeastPlanes = 8;

    /// <summary>Floats of scratch that a thread needs.</summary>
    public abstract long ScratchLength { get; }

    /// <summary>What it costs per voxel of a large sample, counted from its loops.</summary>
    public abstract LaneCost Cost { get; }

    /// <summary>The same of one sample, where it depends on what was drawn.</summary>
    /// <param name="row">What was drawn.</param>
    public virtual LaneCost CostOf(in Row row) => Cost;

    /// <summary>The same in double, as its formula says it: what rounding costs, and what a device is compared with.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="image">Intensities [D, H, W] before.</param>
    public abstract double[] Exact(in Row row, double[] image);

    /// <summary>The same of an image with labels, for a stage that reads them.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="image">Intensities [D, H, W] before.</param>
    /// <param name="labels">Labels [D, H, W].</param>
    public virtual double[] Exact(in Row row, double[] image, byte[] labels) => Exact(in row, image);

    /// <summary>
    /// Whether a plane of the result needs no other plane before it: it may then be written where that one was. What is made of other planes comes
    /// behind all of them (<see cref="RunAlongZ"/>).
    /// </summary>
    public virtual bool IsPlanewise => false;

    /// <summary>Floats that the stage holds for a sample, of what it sees of the whole image.</summary>
    public virtual long MemoryLength => 0;

    /// <summary>How many times it looks at the whole image before it writes a plane; only of what reads from anywhere.</summary>
    public virtual int SurveyCount => 0;

    /// <summary>Looks at consecutive planes of the image: runs of planes are shared out, and all are done before the next time begins.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="number">Which time, from 0.</param>
    /// <param name="image">float[D,H,W] before the stage.</param>
    /// <param name="first">The first plane.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="memory"><see cref="MemoryLength"/> floats of the sample, of all threads together.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats of this one.</param>
    public virtual void Survey(in Row row, int number, float* image, int first, int end, float* memory, float* scratch) =>
        throw new NotSupportedException($"{GetType().Name} looks at no image.");

    /// <summary>Runs of planes that a number of threads share out.</summary>
    public static int RunCount(VolumeShape shape, int threads) => Math.Clamp(shape.Depth / LeastPlanes, 1, threads);

    /// <summary>Runs of rows of every plane that a number of threads share out, where the stage goes on along z.</summary>
    public static int RowRunCount(VolumeShape shape, int threads) => Math.Clamp(shape.Height / LeastPlanes, 1, threads);

    /// <summary>Whether a sample is not done when all planes are written: it goes on along z.</summary>
    /// <param name="row">What was drawn.</param>
    public virtual bool GoesOn(in Row row) => false;

    /// <summary>Goes on along z, in place, with consecutive rows of every plane, and returns their range.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="first">The first row.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="before">float[D,H,W] before the stage, where it reads from anywhere (<see cref="IStageComponent.ReadsFar"/>); else not looked
    /// at.</param>
    /// <param name="image">What the runs of planes have written, all of it.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public virtual ReductionPartial RunAlongZ(in Row row, int first, int end, float* before, float* image, float* scratch) =>
        throw new NotSupportedException($"{GetType().Name} is done when all planes are written.");

    /// <summary>Writes consecutive planes of the result and returns its range.</summary>
    /// <param name="row">What was drawn and measured.</param>
    /// <param name="source">The intensities before it.</param>
    /// <param name="first">The first plane.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="image">The result, all of it.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public abstract ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
        where TSource : struct, IPlaneSource;

    /// <summary>Writes consecutive planes of a source as they are and returns their range: also where a sample leaves the component out.</summary>
    /// <param name="source">The planes.</param>
    /// <param name="first">The first plane.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="image">The result, all of it.</param>
    public static ReductionPartial Write<TSource>(TSource source, int first, int end, VolumeShape shape, float* image)
        where TSource : struct, IPlaneSource
    {
        ReductionPartial range = Reduction.Empty();
        long voxels = (long)shape.Height * shape.Width;
        for (int z = first; z < end; z++)
        {
            source.Plane(z, image + (z * voxels), shape.Width);
            range = Reduction.Merge(range, RangeOf(image + (z * voxels), voxels));
        }

        return range;
    }

    /// <summary>The range of consecutive voxels.</summary>
    protected static ReductionPartial RangeOf(float* values, long count)
    {
        ReductionPartial range = Reduction.Empty();
        for (long at = 0; at < count; at += Reduction.ChunkLength)
        {
            range = Reduction.Merge(range, Reduction.HostChunk(values + at, (int)Math.Min(Reduction.ChunkLength, count - at)));
        }

        return range;
    }
}

/// <summary>A component that reads neighbours, on a device: launches that go between images.</summary>
public abstract class DeviceStage
{
    /// <summary>Whether it needs a third image.</summary>
    public virtual bool NeedsThird => false;

    /// <summary>Whether the result lies in the second image; else in the first, where the intensities before it were.</summary>
    public abstract bool EndsInSecond { get; }

    /// <summary>Bytes that its launches read and write for each voxel.</summary>
    public abstract int BytesPerVoxel { get; }

    /// <summary>Loads the kernels.</summary>
    public abstract void Start(KernelLoader loader);

    /// <summary>Launches the stage over a batch; its last launch measures the range of what it writes.</summary>
    public abstract void Run(in StageBatch batch);
}

/// <summary>A component that reads neighbours, on a device, whose first launch makes what it reads: nothing of full size is written before it.</summary>
public abstract class SourcedDeviceStage : DeviceStage
{
    /// <inheritdoc/>
    public sealed override bool EndsInSecond => true;

    /// <summary>Bytes that it writes and reads again for each voxel, beside what its source reads.</summary>
    public abstract int OwnBytesPerVoxel { get; }

    /// <inheritdoc/>
    public sealed override int BytesPerVoxel => sizeof(float) + OwnBytesPerVoxel;

    /// <inheritdoc/>
    public sealed override void Start(KernelLoader loader) => Start(loader, null);

    /// <summary>Loads the kernels with the chain before the stage as its source.</summary>
    /// <param name="loader">Loads them.</param>
    /// <param name="chain">The chain, <see cref="IChain{TSelf}"/>; null where there is none.</param>
    public abstract void Start(KernelLoader loader, ValueType? chain);

    /// <inheritdoc/>
    public sealed override void Run(in StageBatch batch) =>
        Run(in batch, new StageSource(ArrayView<byte>.Empty, batch.First, batch.Measured, 0), batch.Second);

    /// <summary>Launches the stage over a batch; its last launch measures the range of what it writes.</summary>
    /// <param name="batch">The batch, whose images are not looked at.</param>
    /// <param name="source">What the chain begins with.</param>
    /// <param name="to">Written; another buffer than the source's image.</param>
    public abstract void Run(in StageBatch batch, in StageSource source, ArrayView<float> to);
}

/// <summary>What the source of a stage begins with.</summary>
/// <param name="Labels">byte[samples][D,H,W]; empty where the chain does not look at them.</param>
/// <param name="Image">float[samples][D,H,W]; empty where the chain begins with labels.</param>
/// <param name="Measured">What was measured of the whole batch, read.</param>
/// <param name="First">The batch's sample that is the first here: what is measured and tables are those of the whole batch.</param>
public readonly record struct StageSource(ArrayView<byte> Labels, ArrayView<float> Image, ArrayView<uint> Measured, int First);

/// <summary>What a stage works on.</summary>
/// <param name="Words">Table of the samples' words.</param>
/// <param name="Measured">What the batch measures: the words of this pass, where the range is merged into; empty where nobody asks.</param>
/// <param name="Layout">Where the words lie.</param>
/// <param name="Samples">Samples of the batch.</param>
/// <param name="First">Image before, float[samples][D,H,W].</param>
/// <param name="Second">Another image.</param>
/// <param name="Third">A third one, where the stage needs it.</param>
/// <param name="Labels">byte[samples][D,H,W]: the labels that intensities are made of; empty where there are none, of a stage by itself.</param>
public readonly record struct StageBatch(
    ArrayView<uint> Words,
    ArrayView<uint> Measured,
    SampleLayout Layout,
    int Samples,
    ArrayView<float> First,
    ArrayView<float> Second,
    ArrayView<float> Third,
    ArrayView<byte> Labels = default)
{
    /// <summary>Refuses a batch whose rows or first two images are too short.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <exception cref="ArgumentException">One is.</exception>
    internal void Check(VolumeShape shape)
    {
        LaunchCheck.AtLeast(Words.Length, (long)Samples * Layout.Stride, nameof(Words));
        LaunchCheck.AtLeast(First.Length, Samples * shape.VoxelCount, nameof(First));
        LaunchCheck.AtLeast(Second.Length, Samples * shape.VoxelCount, nameof(Second));
    }
}
