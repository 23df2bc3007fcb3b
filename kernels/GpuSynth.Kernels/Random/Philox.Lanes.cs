using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

public static partial class Philox
{
    /// <summary>Blocks at a place, one per voxel of a lane: words X, Y, Z and W of each.</summary>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="block">Counter word 0.</param>
    /// <param name="x">Word 0.</param>
    /// <param name="y">Word 1.</param>
    /// <param name="z">Word 2.</param>
    /// <param name="w">Word 3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blocks<F, U>(in RandomPlace place, U block, out U x, out U y, out U z, out U w)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        x = block;
        y = U.Of(place.Counter1);
        z = U.Of(place.Counter2);
        w = U.Of(place.Counter3);
        uint k0 = place.Key0;
        uint k1 = place.Key1;
        for (int round = 0; round < Rounds; round++)
        {
            U.Multiply(x, Multiplier0, out U high0, out U low0);
            U.Multiply(z, Multiplier1, out U high1, out U low1);
            x = high1 ^ y ^ U.Of(k0);
            z = high0 ^ w ^ U.Of(k1);
            y = low1;
            w = low0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
    }
}
