using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// Floats of 16 bits, rounded to nearest even by whole-number arithmetic, the same on every device; a NaN stays one.
/// </summary>
public static class NarrowFloat
{
    /// <summary>A value as the bits of an IEEE 754 binary16, rounded to nearest even.</summary>
    /// <param name="value">The value.</param>
    public static uint Float16Bits(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint sign = (bits >> 16) & 0x8000u;
        uint magnitude = bits & 0x7FFFFFFFu;

        // From 2^-14 on: another exponent, and 13 bits less. What rounds up beyond the last exponent is an infinity by itself.
        uint normal = (magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;

        // Below: the spacing of 2^-24 is that of floats between 0.5 and 1, where the addition rounds.
        uint small = Interop.FloatAsInt(Interop.IntAsFloat(magnitude) + 0.5f) - 0x3F000000u;
        uint result = magnitude < 0x38800000u ? small : normal;
        result = magnitude >= 0x47800000u ? 0x7C00u : result;
        result = magnitude > 0x7F800000u ? 0x7E00u : result;
        return sign | result;
    }

    /// <summary>A value as the bits of a bfloat16, rounded to nearest even.</summary>
    /// <param name="value">The value.</param>
    public static uint BFloat16Bits(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        uint rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
        return (bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : rounded;
    }
}
