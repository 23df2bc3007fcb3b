using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public static partial class Philox
{
    /// <summary>Sixteen consecutive blocks at a place: word w of block first + l is lane l of the w-th vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void HostBlocks(
        in RandomPlace place,
        uint first,
        out Vector512<uint> x,
        out Vector512<uint> y,
        out Vector512<uint> z,
        out Vector512<uint> w)
    {
        Vector512<uint> multiplier0 = Vector512.Create(Multiplier0);
        Vector512<uint> multiplier1 = Vector512.Create(Multiplier1);
        Vector512<uint> c0 = Vector512.Create(first) + Vector512<uint>.Indices;
        Vector512<uint> c1 = Vector512.Create(place.Counter1);
        Vector512<uint> c2 = Vector512.Create(place.Counter2);
        Vector512<uint> c3 = Vector512.Create(place.Counter3);
        uint k0 = place.Key0;
        uint k1 = place.Key1;
        for (int round = 0; round < Rounds; round++)
        {
            (Vector512<uint> high0, Vector512<uint> low0) = HostMath.Multiply(c0, multiplier0);
            (Vector512<uint> high1, Vector512<uint> low1) = HostMath.Multiply(c2, multiplier1);
            c0 = high1 ^ c1 ^ Vector512.Create(k0);
            c2 = high0 ^ c3 ^ Vector512.Create(k1);
            c1 = low1;
            c3 = low0;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        (x, y, z, w) = (c0, c1, c2, c3);
    }
}
