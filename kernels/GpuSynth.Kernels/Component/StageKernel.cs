using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <summary>The mathematics of a launch of a stage on a device: what a voxel becomes, from an image that stays as it is.</summary>
public interface IStageMath
{
    /// <summary>Voxels of a sample.</summary>
    int Voxels { get; }

    /// <summary>Words of a sample's row.</summary>
    int Stride { get; }

    /// <summary>What a voxel becomes.</summary>
    /// <param name="row">The sample's row of words.</param>
    /// <param name="image">Intensities of the sample before.</param>
    /// <param name="voxel">Its linear index in the sample.</param>
    float At(ArrayView<uint> row, ArrayView<float> image, int voxel);
}

/// <summary>A stage that is one launch from an image to another: 8 B/voxel, and what it reads beside from the cache.</summary>
/// <typeparam name="TMath">What a voxel becomes.</typeparam>
/// <param name="place">Where the component stands.</param>
/// <param name="mathOf">The mathematics there, of samples whose rows have that many words.</param>
internal sealed class StageKernelStage<TMath>(StepPlace place, Func<StepPlace, int, TMath> mathOf) : DeviceStage
    where TMath : unmanaged, IStageMath
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, StageKernel<TMath>>? kernel;

    /// <inheritdoc/>
    public override bool EndsInSecond => true;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2 * sizeof(float);

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => kernel = loader.Load<StageKernel<TMath>>();

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        batch.Check(shape);
        TMath math = mathOf(place, batch.Layout.Stride);
        kernel!(BatchGrid.Of(math.Voxels, batch.Samples), new(batch.Words, batch.Measured, batch.First, batch.Second, math));
    }
}

/// <summary>A launch from image to image: one voxel per thread, of the sample Grid.IdxY, and the range of what is written where it is asked for.</summary>
/// <typeparam name="TMath">What a voxel becomes.</typeparam>
/// <param name="words">The samples' words.</param>
/// <param name="measured">Where the range is merged into; empty where nobody asks.</param>
/// <param name="from">float[samples][D,H,W].</param>
/// <param name="to">Written; another image.</param>
/// <param name="math">The mathematics, with its constants.</param>
public readonly struct StageKernel<TMath>(
    ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, ArrayView<float> to, TMath math) : IKernel
    where TMath : unmanaged, IStageMath
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
        int sample = Grid.IdxY;
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        PaintedRange range = PaintedRange.Empty();
        if (voxel < math.Voxels)
        {
            long start = (long)sample * math.Voxels;
            float value = math.At(words.SubView((long)sample * math.Stride, math.Stride), from.SubView(start, math.Voxels), voxel);
            to[start + voxel] = value;
            range = range.With(value);
        }

        if (measured.Length > 0)
        {
            range.Merge(shared, measured, sample);
        }
    }
}
