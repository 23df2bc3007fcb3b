using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// What was drawn and measured for one sample, as words of 32 bits: a device reads the views, the host the addresses.
/// </summary>
public readonly struct Row
{
    /// <summary>What was drawn, on a device.</summary>
    public readonly ArrayView<uint> Words;

    /// <summary>What was measured, on a device: <see cref="MeasuredWords.Ordered"/> floats.</summary>
    public readonly ArrayView<uint> Measured;

    /// <summary>What was drawn, on the host: with room for 32 words behind the last.</summary>
    public readonly long WordsAddress;

    /// <summary>What was measured, on the host: floats.</summary>
    public readonly long MeasuredAddress;

    /// <summary>A row on a device.</summary>
    /// <param name="words">What was drawn.</param>
    /// <param name="measured">What was measured.</param>
    public Row(ArrayView<uint> words, ArrayView<uint> measured)
    {
        Words = words;
        Measured = measured;
        WordsAddress = 0;
        MeasuredAddress = 0;
    }

    /// <summary>A row on the host.</summary>
    /// <param name="words">What was drawn, with room for 32 words behind the last.</param>
    /// <param name="measured">What was measured, as floats.</param>
    public unsafe Row(uint* words, float* measured)
    {
        Words = default;
        Measured = default;
        WordsAddress = (long)words;
        MeasuredAddress = (long)measured;
    }
}
