using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// What was drawn and measured for one sample, as words of 32 bits: a device reads the views, the host the addresses.
/// </summary>
public readonly struct Row
{
    /// <summary>What was drawn, on a device.</summary>
    public readonly ArrayView<uint> Words;

    /// <summary>What was measured of the batch, on a device: <see cref="MeasuredWords.Ordered"/> floats.</summary>
    public readonly ArrayView<uint> Measured;

    /// <summary>Which sample of the batch, on a device: where it finds its own in what is measured and in tables.</summary>
    public readonly int Sample;

    /// <summary>What was drawn, on the host: with room for 32 words behind the last.</summary>
    public readonly long WordsAddress;

    /// <summary>What was measured, on the host: floats.</summary>
    public readonly long MeasuredAddress;

    /// <summary>Where numbers of the sample's appearance are drawn.</summary>
    /// <param name="stream">The stream, its occurrence in the recipe in bits 16 to 23.</param>
    public RandomPlace Place<F, U>(uint stream)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        RowKeys keys = F.Drawn<RowKeys>(in this, 0);
        return new RandomPlace(keys.SeedLow, keys.SeedHigh, stream, keys.AppearanceLow, keys.AppearanceHigh);
    }

    /// <summary>Where numbers of the sample's anatomy are drawn.</summary>
    /// <param name="stream">The stream, its occurrence in the recipe in bits 16 to 23.</param>
    public RandomPlace AnatomyPlace<F, U>(uint stream)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        RowKeys keys = F.Drawn<RowKeys>(in this, 0);
        return new RandomPlace(keys.SeedLow, keys.SeedHigh, stream, keys.AnatomyLow, keys.AnatomyHigh);
    }

    /// <summary>A row on a device.</summary>
    /// <param name="words">What was drawn for it.</param>
    /// <param name="measured">What was measured of the batch.</param>
    /// <param name="sample">Which sample of the batch.</param>
    public Row(ArrayView<uint> words, ArrayView<uint> measured, int sample)
    {
        Words = words;
        Measured = measured;
        Sample = sample;
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
        Sample = 0;
        WordsAddress = (long)words;
        MeasuredAddress = (long)measured;
    }
}

/// <summary>The words that every row begins with (<see cref="RowLayout"/>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RowKeys
{
    public uint AnatomyLow;
    public uint AnatomyHigh;
    public uint AppearanceLow;
    public uint AppearanceHigh;
    public uint SeedLow;
    public uint SeedHigh;
}
