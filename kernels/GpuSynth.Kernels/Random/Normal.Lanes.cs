using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

public static partial class Normal
{
    /// <summary>The four normal numbers of a block of Philox, for each voxel of a lane.</summary>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="block">The block; its elements are 16 apart (<see cref="Uniform.FirstElementOf(long)"/>).</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> Block<F, U>(in RandomPlace place, U block)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Philox.Blocks<F, U>(in place, block, out U x, out U y, out U z, out U w);
        Pair(x, y, out F a, out F b);
        Pair(z, w, out F c, out F d);
        return new Four<F>(a, b, c, d);
    }

    // Box-Muller: two independent normal numbers from two uniform words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair<F, U>(U first, U second, out F even, out F odd)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F radius = F.Sqrt(F.Of(-2f) * F.Log(Uniform.FromBits<F, U>(first)));
        F.SinCosTurns(second, out F sine, out F cosine);
        even = radius * cosine;
        odd = radius * sine;
    }
}
