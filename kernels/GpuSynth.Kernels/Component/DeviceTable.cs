using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>A component that looks into a table which is worked out for a whole batch before its voxels are made.</summary>
public interface ITableComponent : IChainComponent
{
    /// <summary>Its table on a device.</summary>
    /// <param name="place">Where the component stands.</param>
    DeviceTable CreateTable(in StepPlace place);
}

/// <summary>Device memory that a <see cref="DeviceTable"/> needs, in floats per sample.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Length">How many floats.</param>
/// <param name="Purpose">What for, in a few words.</param>
public sealed record TableMemory(string Name, int Length, string Purpose);

/// <summary>A table of numbers for each sample, on a device.</summary>
public abstract class DeviceTable
{
    /// <summary>The table: [sample][number].</summary>
    public abstract TableMemory Numbers { get; }

    /// <summary>What it is made in.</summary>
    public abstract IReadOnlyList<TableMemory> Scratch { get; }

    /// <summary>Loads the kernels.</summary>
    public abstract void Start(KernelLoader loader);

    /// <summary>Makes the tables of a batch.</summary>
    /// <param name="words">Table of the samples' words.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="samples">Samples of the batch.</param>
    /// <param name="scratch">Each of <see cref="Scratch"/>, times the samples.</param>
    /// <param name="numbers">Written: <see cref="Numbers"/>, times the samples.</param>
    /// <param name="measured">Word <see cref="MeasuredWords.TableMaximum"/> of every sample is merged into: its largest number.</param>
    public abstract void Run(
        ArrayView<uint> words,
        SampleLayout layout,
        int samples,
        IReadOnlyList<ArrayView<float>> scratch,
        ArrayView<float> numbers,
        ArrayView<uint> measured);

    /// <summary>
    /// Goes on with the tables of some samples when the image before the component is there, where that needs it (<see cref="MeasureNeed.Image"/>).
    /// </summary>
    /// <param name="words">Table of their words.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="samples">How many samples.</param>
    /// <param name="image">float[samples][D,H,W] before the component.</param>
    /// <param name="numbers">Their tables, as <see cref="Run"/> left them; changed.</param>
    public virtual void Survey(
        ArrayView<uint> words, SampleLayout layout, int samples, ArrayView<float> image, ArrayView<float> numbers) =>
        throw new NotSupportedException($"{GetType().Name} looks at no image.");
}
