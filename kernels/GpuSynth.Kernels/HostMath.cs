using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// The mathematics of the host forms, sixteen floats at a time. Every operation is a fixed sequence of IEEE operations with
/// explicit fused multiply-adds, so that a sample has the same bits whatever the vector width of the machine.
/// Polynomials: S. Moshier, Cephes (single precision).
/// </summary>
internal static class HostMath
{
    /// <summary>0 to 15. The vector's own property is a loop over lanes where vectors are no wider than eight.</summary>
    public static Vector512<int> Indices
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }

    /// <summary>a * b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.FusedMultiplyAdd(a, b, c);

    /// <summary>a + t (b - a), the form of every interpolation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lerp(Vector512<float> a, Vector512<float> b, Vector512<float> t) =>
        Vector512.FusedMultiplyAdd(t, b - a, a);

    /// <summary>Natural logarithm of finite normal x above 0; relative error about 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) => LaneMath.Log<Real16, Word16>(new Real16(x)).V;

    /// <summary>
    /// e^x; relative error about 1 ulp. Infinite above the range of a float, e^-87 below that of normal floats, NaN of NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => LaneMath.Exp<Real16, Word16>(new Real16(x)).V;

    /// <summary>Reads sixteen floats at 32-bit offsets, in elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> Gather(float* from, Vector512<int> offsets)
    {
        if (Avx2.IsSupported)
        {
            // Not Create of two halves: it begins with a vector that nobody set, which a loop around it then carries through memory.
            return Avx2.GatherVector256(from, offsets.GetLower(), sizeof(float)).ToVector512Unsafe()
                .WithUpper(Avx2.GatherVector256(from, offsets.GetUpper(), sizeof(float)));
        }

        Vector512<float> result = default;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
        {
            result = result.WithElement(lane, from[offsets.GetElement(lane)]);
        }

        return result;
    }

    /// <summary>Reads sixteen ints at 32-bit offsets, in elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<int> Gather(int* from, Vector512<int> offsets) => Gather((float*)from, offsets).AsInt32();

    /// <summary>The low 32 bits and the high 32 bits of each lane times a constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<uint> High, Vector512<uint> Low) Multiply(Vector512<uint> a, Vector512<uint> constant)
    {
        Vector512<ulong> even;
        Vector512<ulong> odd;
        if (Avx512F.IsSupported)
        {
            even = Avx512F.Multiply(a, constant);
            odd = Avx512F.Multiply((a.AsUInt64() >>> 32).AsUInt32(), constant);
        }
        else
        {
            Vector512<ulong> factor = constant.AsUInt64() & Vector512.Create(0xffffffffUL);
            even = (a.AsUInt64() & Vector512.Create(0xffffffffUL)) * factor;
            odd = (a.AsUInt64() >>> 32) * factor;
        }

        Vector512<ulong> upper = Vector512.Create(0xffffffff00000000UL);
        Vector512<uint> high = Vector512.ConditionalSelect(upper, odd, even >>> 32).AsUInt32();
        Vector512<uint> low = Vector512.ConditionalSelect(upper, odd << 32, even).AsUInt32();
        return (high, low);
    }

    /// <summary>The lowest byte of every lane; lanes are 0 to 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Narrow(Vector512<int> lanes)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector128Byte(lanes);
        }

        Vector256<short> words = Vector256.Narrow(lanes.GetLower(), lanes.GetUpper());
        return Vector128.Narrow(words.GetLower().AsUInt16(), words.GetUpper().AsUInt16());
    }

    /// <summary>All bits of a byte for each lane of two comparisons that holds, no bits where it does not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Narrow(Vector256<float> low, Vector256<float> high) => Narrow(low.AsInt32(), high.AsInt32());

    /// <summary>The lowest byte of every lane of two vectors; lanes are -1 to 127, or all of them 0 to 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Narrow(Vector256<int> low, Vector256<int> high)
    {
        Vector256<short> words = Vector256.Narrow(low, high);
        return Vector128.Narrow(words.GetLower(), words.GetUpper()).AsByte();
    }

    /// <summary>The least of the sixteen floats of each of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MinimaOf(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        Vector256<float> e = Vector256.MinNative(a.GetLower(), a.GetUpper());
        Vector256<float> f = Vector256.MinNative(b.GetLower(), b.GetUpper());
        Vector256<float> g = Vector256.MinNative(c.GetLower(), c.GetUpper());
        Vector256<float> h = Vector256.MinNative(d.GetLower(), d.GetUpper());
        Vector128<float> w = Vector128.MinNative(e.GetLower(), e.GetUpper());
        Vector128<float> x = Vector128.MinNative(f.GetLower(), f.GetUpper());
        Vector128<float> y = Vector128.MinNative(g.GetLower(), g.GetUpper());
        Vector128<float> z = Vector128.MinNative(h.GetLower(), h.GetUpper());
        Vector128<float> wx = Vector128.MinNative(Low(w, x), High(w, x));
        Vector128<float> yz = Vector128.MinNative(Low(y, z), High(y, z));
        return Vector128.MinNative(
            Vector128.Create(wx.GetLower(), yz.GetLower()), Vector128.Create(wx.GetUpper(), yz.GetUpper()));
    }

    /// <summary>The largest of the sixteen floats of each of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MaximaOf(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) =>
        -MinimaOf(-a, -b, -c, -d);

    /// <summary>The least of sixteen floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinimumOf(Vector512<float> lanes)
    {
        Vector256<float> eight = Vector256.MinNative(lanes.GetLower(), lanes.GetUpper());
        Vector128<float> four = Vector128.MinNative(eight.GetLower(), eight.GetUpper());
        four = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        four = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2)));
        return four.ToScalar();
    }

    /// <summary>The largest of sixteen floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaximumOf(Vector512<float> lanes)
    {
        Vector256<float> eight = Vector256.MaxNative(lanes.GetLower(), lanes.GetUpper());
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        four = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2)));
        return four.ToScalar();
    }

    /// <summary>Exchanges the rows and the columns of four vectors of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ref Vector128<float> a, ref Vector128<float> b, ref Vector128<float> c, ref Vector128<float> d)
    {
        Vector128<float> lowAb = Low(a, b);
        Vector128<float> highAb = High(a, b);
        Vector128<float> lowCd = Low(c, d);
        Vector128<float> highCd = High(c, d);
        a = Vector128.Create(lowAb.GetLower(), lowCd.GetLower());
        b = Vector128.Create(lowAb.GetUpper(), lowCd.GetUpper());
        c = Vector128.Create(highAb.GetLower(), highCd.GetLower());
        d = Vector128.Create(highAb.GetUpper(), highCd.GetUpper());
    }

    // a0 b0 a1 b1 and a2 b2 a3 b3.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) => Sse.IsSupported
        ? Sse.UnpackLow(a, b)
        : Vector128.Create(a.GetElement(0), b.GetElement(0), a.GetElement(1), b.GetElement(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) => Sse.IsSupported
        ? Sse.UnpackHigh(a, b)
        : Vector128.Create(a.GetElement(2), b.GetElement(2), a.GetElement(3), b.GetElement(3));

    /// <summary>The least multiple of <paramref name="unit"/> that is at least <paramref name="value"/>.</summary>
    public static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}
