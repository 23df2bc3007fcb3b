using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// What a batch measures on the device, uint[B][4]: extremes, kept as words whose order as whole numbers is that of the floats, so
/// that an atomic maximum gives the same bits whatever order the groups come in.
/// </summary>
public static class MeasuredWords
{
    /// <summary>Words of one sample.</summary>
    public const int PerSample = 4;

    /// <summary>max|I| before the noise, as <see cref="Ordered"/>; 0 without noise.</summary>
    public const int LargestIntensity = 0;

    /// <summary>Smallest intensity before the normalisation, as <see cref="Ordered"/>.</summary>
    public const int Minimum = 1;

    /// <summary>Largest intensity before the normalisation, as <see cref="Ordered"/>.</summary>
    public const int Maximum = 2;

    /// <summary>Largest number of a table, as the nodes of a bias field before they are scaled, as <see cref="Ordered"/>.</summary>
    public const int TableMaximum = 3;

    /// <summary>A float as a word, order kept: negative numbers below positive ones. A positive NaN is above all numbers and a
    /// negative one below, so that either shows in an extreme.</summary>
    public static uint Ordered(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
    }

    /// <summary>The float of a word.</summary>
    public static float Value(uint ordered) =>
        Interop.IntAsFloat((ordered & 0x80000000u) != 0 ? ordered & 0x7FFFFFFFu : ~ordered);

    /// <summary>What a word holds before anything was measured.</summary>
    /// <param name="word">0 to 3.</param>
    public static uint Initial(int word) => word == Minimum ? 0xFFFFFFFFu : 0u;
}
