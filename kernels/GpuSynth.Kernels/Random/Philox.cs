using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// Philox4x32-10: 128 random bits = ten rounds of multiply and xor over (128-bit counter, 64-bit key).
// No state and no memory: 40 multiplications per block of four words. Random bits: the same on every device.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11. Reference: Philox.Reference.cs.

/// <summary>The random bits of the whole engine: a function of place, never a state.</summary>
public static partial class Philox
{
    /// <summary>Words in one block.</summary>
    public const int WordsPerBlock = 4;

    private const uint Multiplier0 = 0xD2511F53u;
    private const uint Multiplier1 = 0xCD9E8D57u;
    private const uint Weyl0 = 0x9E3779B9u;
    private const uint Weyl1 = 0xBB67AE85u;
    private const int Rounds = 10;

    /// <summary>One block of Philox4x32-10.</summary>
    /// <param name="c0">Counter word 0: the block.</param>
    /// <param name="c1">Counter word 1.</param>
    /// <param name="c2">Counter word 2.</param>
    /// <param name="c3">Counter word 3.</param>
    /// <param name="k0">Key word 0.</param>
    /// <param name="k1">Key word 1.</param>
    /// <returns>Four words, uniform over all 32-bit values.</returns>
    public static UInt4 Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ k0;
            c2 = (uint)(product0 >> 32) ^ c3 ^ k1;
            c1 = (uint)product1;
            c3 = (uint)product0;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return new UInt4(c0, c1, c2, c3);
    }

    /// <summary>The block at a place.</summary>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="block">Counter word 0.</param>
    public static UInt4 At(in RandomPlace place, uint block) =>
        Block(block, place.Counter1, place.Counter2, place.Counter3, place.Key0, place.Key1);
}

/// <summary>Four words: one block of Philox. A struct of its own, because tuples have no fixed layout and ILGPU refuses
/// them.</summary>
/// <param name="X">Word 0.</param>
/// <param name="Y">Word 1.</param>
/// <param name="Z">Word 2.</param>
/// <param name="W">Word 3.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct UInt4(uint X, uint Y, uint Z, uint W);
