using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// The functions of the host's lanes, the same sequence of IEEE operations at every width. Never those of the base class library:
/// their bits may change with a release. Polynomials: S. Moshier, Cephes (single precision).
/// </summary>
internal static class LaneMath
{
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>Natural logarithm of finite normal x above 0; relative error about 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Log<F, U>(F x)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        // x = m 2^e with m in [sqrt(1/2), sqrt(2)); sums modulo 2^32 are differences too.
        U bits = F.Bits(x) + U.Of(unchecked((uint)-0x3f3504f3));
        F e = U.ToReal(F.ShiftRightSigned(bits, 23));
        F m = F.FromBits((bits & U.Of(0x007fffff)) + U.Of(0x3f3504f3));
        F f = m - F.Of(1f);
        F p = F.Of(7.0376836292e-2f);
        p = F.Fma(p, f, F.Of(-1.1514610310e-1f));
        p = F.Fma(p, f, F.Of(1.1676998740e-1f));
        p = F.Fma(p, f, F.Of(-1.2420140846e-1f));
        p = F.Fma(p, f, F.Of(1.4249322787e-1f));
        p = F.Fma(p, f, F.Of(-1.6668057665e-1f));
        p = F.Fma(p, f, F.Of(2.0000714765e-1f));
        p = F.Fma(p, f, F.Of(-2.4999993993e-1f));
        p = F.Fma(p, f, F.Of(3.3333331174e-1f));
        F square = f * f;
        F y = p * f * square;
        y = F.Fma(e, F.Of(Ln2Low), y);
        y = F.Fma(square, F.Of(-0.5f), y);
        return F.Fma(e, F.Of(Ln2High), f + y);
    }

    /// <summary>
    /// e^x; relative error about 1 ulp. Infinite above the range of a float, e^-87 below that of normal floats, NaN of NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Exp<F, U>(F x)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F unclamped = x;
        x = F.Min(F.Max(x, F.Of(-87f)), F.Of(88f));
        F n = F.Floor(F.Fma(x, F.Of(1.44269504088896341f), F.Of(0.5f)));
        F r = F.Fma(n, F.Of(-Ln2High), x);
        r = F.Fma(n, F.Of(-Ln2Low), r);
        F p = F.Of(1.9875691500e-4f);
        p = F.Fma(p, r, F.Of(1.3981999507e-3f));
        p = F.Fma(p, r, F.Of(8.3334519073e-3f));
        p = F.Fma(p, r, F.Of(4.1665795894e-2f));
        p = F.Fma(p, r, F.Of(1.6666665459e-1f));
        p = F.Fma(p, r, F.Of(5.0000001201e-1f));
        p = F.Fma(p, r * r, r + F.Of(1f));
        F scale = F.FromBits(F.ShiftLeft(F.Whole(n) + U.Of(127), 23));

        // Infinity plus a NaN is a NaN, so that one selection serves both.
        return F.WhereAtMost(unclamped, F.Of(88f), p * scale, unclamped + F.Of(float.PositiveInfinity));
    }

    /// <summary>sin(2 pi t) and cos(2 pi t) for t in [0, 1]; absolute error about 1 ulp of 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCosTurns<F, U>(F t, out F sine, out F cosine)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        // The nearest quarter turn, and what is left of the angle: [-pi/4, pi/4]. Both steps are exact.
        F quarter = F.Floor(F.Fma(t, F.Of(4f), F.Of(0.5f)));
        F x = F.Fma(quarter, F.Of(-0.25f), t) * F.Of(6.28318530717958648f);
        F z = x * x;
        F s = F.Of(-1.9515295891e-4f);
        s = F.Fma(s, z, F.Of(8.3321608736e-3f));
        s = F.Fma(s, z, F.Of(-1.6666654611e-1f));
        s = F.Fma(s * z, x, x);
        F c = F.Of(2.443315711809948e-5f);
        c = F.Fma(c, z, F.Of(-1.388731625493765e-3f));
        c = F.Fma(c, z, F.Of(4.166664568298827e-2f));
        c = F.Fma(c, z * z, F.Fma(z, F.Of(-0.5f), F.Of(1f)));
        U q = F.Whole(quarter);
        U sineSign = F.ShiftLeft(q & U.Of(2), 30);
        U cosineSign = F.ShiftLeft((q + U.Of(1)) & U.Of(2), 30);
        sine = F.FromBits(F.Bits(F.WhereOdd(q, c, s)) ^ sineSign);
        cosine = F.FromBits(F.Bits(F.WhereOdd(q, s, c)) ^ cosineSign);
    }
}
