using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// WhereIn: a kernel of labels over a batch in which some samples are without the anatomy: their groups leave at once, a uniform branch on
// one word of the row. A kernel of its own, so that an anatomy that every sample has is compiled without the branch.

/// <summary>A kernel that writes labels: Grid.IdxY is the sample.</summary>
public interface ILabelKernel : IKernel
{
}

/// <summary>A kernel of labels that leaves samples alone which are without the anatomy.</summary>
/// <typeparam name="TKernel">The kernel.</typeparam>
/// <param name="kernel">The kernel.</param>
/// <param name="gate">Which samples have the anatomy.</param>
public readonly struct WhereIn<TKernel>(TKernel kernel, SampleGate gate) : IKernel
    where TKernel : struct, ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        if (gate.IsIn(Grid.IdxY))
        {
            kernel.Execute();
        }
    }
}

/// <summary>Which samples of a batch have a component.</summary>
/// <param name="words">Table of the samples' words.</param>
/// <param name="stride">Words of a sample.</param>
/// <param name="word">The word that is 0 where a sample is without the component.</param>
public readonly struct SampleGate(ArrayView<uint> words, int stride, int word)
{
    /// <summary>Words of the table.</summary>
    public long Length => words.Length;

    /// <summary>Words of a sample.</summary>
    public int Stride => stride;

    /// <summary>Whether a sample has the component.</summary>
    /// <param name="sample">Its place in the batch.</param>
    public bool IsIn(int sample) => words[(sample * stride) + word] != 0u;
}

/// <summary>Launches a kernel of labels over all samples of a batch, or over those that have the anatomy.</summary>
/// <typeparam name="TKernel">The kernel.</typeparam>
public sealed class LabelLaunch<TKernel>
    where TKernel : struct, ILabelKernel
{
    private readonly Action<KernelConfig, TKernel>? ofAll;
    private readonly Action<KernelConfig, WhereIn<TKernel>>? ofSome;

    /// <summary>Makes the kernel launchable.</summary>
    /// <param name="loader">Loads it.</param>
    /// <param name="isGated">Whether some samples are without the anatomy.</param>
    public LabelLaunch(KernelLoader loader, bool isGated)
    {
        ArgumentNullException.ThrowIfNull(loader);
        if (isGated)
        {
            ofSome = loader.Load<WhereIn<TKernel>>();
        }
        else
        {
            ofAll = loader.Load<TKernel>();
        }
    }

    /// <summary>Launches.</summary>
    /// <param name="config">Groups, one along y per sample.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="samples">Samples of the batch.</param>
    /// <param name="gate">Which of them have the anatomy; not read where all have.</param>
    /// <exception cref="ArgumentException">The gate's table is too short.</exception>
    public void Run(KernelConfig config, TKernel kernel, int samples, SampleGate gate)
    {
        if (ofSome is null)
        {
            ofAll!(config, kernel);
            return;
        }

        LaunchCheck.AtLeast(gate.Length, Math.Max(1, (long)samples * gate.Stride), nameof(gate));
        ofSome(config, new(kernel, gate));
    }
}
