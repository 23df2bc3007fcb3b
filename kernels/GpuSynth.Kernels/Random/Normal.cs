using ILGPU;

namespace GpuSynth.Kernels;

// Normal: x[i] = scale * z, z ~ N(0, 1) by Box-Muller from a pair of uniform numbers (u, v):
//   r = sqrt(-2 ln u);  z_even = r cos(2 pi v);  z_odd = r sin(2 pi v).
// Words (0, 1) of a block give z0 and z1, words (2, 3) give z2 and z3; elements map to words as in Uniform.
// x: float[n], written once. 4 B/value. u >= 2^-24, so |z| <= 5.77.
// Random bits: the same on every device. Values: the same run to run on one device. Reference: Normal.Reference.cs.

/// <summary>Standard normal random numbers, by place and element.</summary>
public static partial class Normal
{
    /// <summary>Box-Muller: two independent normal numbers from two uniform words.</summary>
    /// <param name="first">Word that decides the radius.</param>
    /// <param name="second">Word that decides the angle.</param>
    /// <param name="even">r cos(2 pi v).</param>
    /// <param name="odd">r sin(2 pi v).</param>
    public static void FromBits(uint first, uint second, out float even, out float odd)
    {
        Pair(new Word1(first), new Word1(second), out Real1 a, out Real1 b);
        even = a.V;
        odd = b.V;
    }

    // Sine and cosine of the uniform number of some bits, in turns, without a floor (thirty instructions on a GPU): the nearest
    // quarter turn and what is left, at most an eighth, are whole numbers of 2^-23 turns and a half. So the error does not grow
    // near whole quarters.
    internal static void QuarterTurns(uint bits, out float sine, out float cosine)
    {
        const int Quarter = 1 << 21;
        int turns = (int)(bits >> 9) + (Quarter / 2);
        int quadrant = turns >> 21;
        float angle = ((turns & (Quarter - 1)) - (Quarter / 2) + 0.5f) * (1f / (1 << 23)) * KernelMath.TwoPi;
        float s = KernelMath.Sin(angle);
        float c = KernelMath.Cos(angle);
        bool isOdd = (quadrant & 1) != 0;
        sine = Signed(isOdd ? c : s, (uint)(quadrant & 2) << 30);
        cosine = Signed(isOdd ? s : c, (uint)((quadrant + 1) & 2) << 30);
    }

    private static float Signed(float value, uint sign) => Interop.IntAsFloat(Interop.FloatAsInt(value) ^ sign);

    /// <summary>The normal number of one element.</summary>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="element">Element index, 0 to 2^34 - 1.</param>
    public static float At(in RandomPlace place, long element)
    {
        UInt4 words = Philox.At(in place, Uniform.BlockOf(element));
        int word = Uniform.WordOf(element);
        FromBits(word < 2 ? words.X : words.Z, word < 2 ? words.Y : words.W, out float even, out float odd);
        return (word & 1) == 0 ? even : odd;
    }
}
