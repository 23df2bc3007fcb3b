using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The sweeps over a chunk of rows. Pointers are to the first value of the chunk; laws are those of its sample.
/// </summary>
/// <remarks>A vector of sixteen values is kept by a word of sixteen bits in dropout's mask.</remarks>
public static unsafe class NormActivation
{
    private const int Lanes = 16;

    /// <summary>Vectors of a mask that one block of random words makes.</summary>
    private const int VectorsPerBlock = 8;

    /// <summary>Dropout is drawn from 16 random bits a value: p is one of 65,536 steps.</summary>
    public const int DropoutSteps = 1 << 16;

    /// <summary>Sums [2][period] of what exceeds the shift, and of its square.</summary>
    public static void HostSums(void* x, bool isBFloat16, int rows, int period, float* shift, float* sums)
    {
        if (isBFloat16)
        {
            Sums<WideBFloat16>((byte*)x, rows, period, shift, sums);
        }
        else
        {
            Sums<WideFloat>((byte*)x, rows, period, shift, sums);
        }
    }

    /// <summary>y = activation of m (x factor + offset), plus what is added.</summary>
    /// <param name="x">Read.</param>
    /// <param name="y">Written.</param>
    /// <param name="added">Added to y, or null.</param>
    /// <param name="mask">Dropout's mask of the chunk, or null.</param>
    /// <param name="isBFloat16">Whether x, y and what is added are bfloat16.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="period">Values of a row.</param>
    /// <param name="factor">[period].</param>
    /// <param name="offset">[period].</param>
    /// <param name="keep">1/(1 - p), or 1.</param>
    /// <param name="slope">Of the activation below 0.</param>
    public static void HostForward(
        void* x, void* y, void* added, ushort* mask, bool isBFloat16, int rows, int period, float* factor, float* offset,
        float keep, float slope)
    {
        if (isBFloat16)
        {
            Forward<WideBFloat16>((byte*)x, (byte*)y, (byte*)added, mask, rows, period, factor, offset, keep, slope);
        }
        else
        {
            Forward<WideFloat>((byte*)x, (byte*)y, (byte*)added, mask, rows, period, factor, offset, keep, slope);
        }
    }

    /// <summary>Sums [2][period] of h and of h x'.</summary>
    /// <returns>The chunk's gradient of the slope.</returns>
    public static double HostBackwardSums(
        void* x, void* g, ushort* mask, bool isBFloat16, int rows, int period, in NormPointers law, float keep, float slope,
        float* sums) => isBFloat16
        ? BackwardSums<WideBFloat16>((byte*)x, (byte*)g, mask, rows, period, law, keep, slope, sums)
        : BackwardSums<WideFloat>((byte*)x, (byte*)g, mask, rows, period, law, keep, slope, sums);

    /// <summary>dx = factor h + slope x + constant of the law.</summary>
    public static void HostBackward(
        void* x, void* g, void* dx, ushort* mask, bool isBFloat16, int rows, int period, in NormPointers law, float keep,
        float slope)
    {
        if (isBFloat16)
        {
            Backward<WideBFloat16>((byte*)x, (byte*)g, (byte*)dx, mask, rows, period, law, keep, slope);
        }
        else
        {
            Backward<WideFloat>((byte*)x, (byte*)g, (byte*)dx, mask, rows, period, law, keep, slope);
        }
    }

    /// <summary>Draws the mask of consecutive vectors.</summary>
    /// <param name="place">Key of the layer's draw.</param>
    /// <param name="firstVector">Number of the first vector, a multiple of 8.</param>
    /// <param name="count">Vectors.</param>
    /// <param name="threshold">p in steps: words below are dropped.</param>
    /// <param name="mask">Written: bit l of word v keeps lane l of vector v.</param>
    public static void HostMask(in RandomPlace place, long firstVector, int count, int threshold, ushort* mask)
    {
        Vector512<uint> least = Vector512.Create((uint)threshold);
        ushort* words = stackalloc ushort[VectorsPerBlock];
        for (int vector = 0; vector < count; vector += VectorsPerBlock)
        {
            uint block = (uint)((firstVector + vector) / VectorsPerBlock * Lanes);
            Word16 lanes = new(Vector512.Create(block) + HostMath.Indices.AsUInt32());
            Philox.Blocks<Real16, Word16>(in place, lanes, out Word16 a, out Word16 b, out Word16 c, out Word16 d);
            Kept(a.V, least, words);
            Kept(b.V, least, words + 2);
            Kept(c.V, least, words + 4);
            Kept(d.V, least, words + 6);
            int most = Math.Min(VectorsPerBlock, count - vector);
            for (int n = 0; n < most; n++)
            {
                mask[vector + n] = words[n];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Kept(Vector512<uint> bits, Vector512<uint> least, ushort* words)
    {
        words[0] = (ushort)Vector512.GreaterThanOrEqual(bits & Vector512.Create(0xFFFFu), least).ExtractMostSignificantBits();
        words[1] = (ushort)Vector512.GreaterThanOrEqual(bits >>> 16, least).ExtractMostSignificantBits();
    }

    // All ones in the lanes whose bit is set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Lane(ushort word)
    {
        Vector512<uint> bits = Vector512.Create(
            1u, 2u, 4u, 8u, 16u, 32u, 64u, 128u, 256u, 512u, 1024u, 2048u, 4096u, 8192u, 16384u, 32768u);
        return Vector512.Equals(Vector512.Create((uint)word) & bits, bits).AsSingle();
    }

    private static void Sums<T>(byte* x, int rows, int period, float* shift, float* sums)
        where T : struct, IWideElement
    {
        int place = 0;
        for (; place + (4 * Lanes) <= period; place += 4 * Lanes)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            Vector512<float> q0 = default, q1 = default, q2 = default, q3 = default;
            Vector512<float> d0 = Vector512.Load(shift + place), d1 = Vector512.Load(shift + place + Lanes);
            Vector512<float> d2 = Vector512.Load(shift + place + (2 * Lanes)), d3 = Vector512.Load(shift + place + (3 * Lanes));
            long at = place;
            for (int row = 0; row < rows; row++, at += period)
            {
                Vector512<float> v0 = T.Load(x, at) - d0;
                Vector512<float> v1 = T.Load(x, at + Lanes) - d1;
                Vector512<float> v2 = T.Load(x, at + (2 * Lanes)) - d2;
                Vector512<float> v3 = T.Load(x, at + (3 * Lanes)) - d3;
                (s0, s1, s2, s3) = (s0 + v0, s1 + v1, s2 + v2, s3 + v3);
                q0 = HostMath.Fma(v0, v0, q0);
                q1 = HostMath.Fma(v1, v1, q1);
                q2 = HostMath.Fma(v2, v2, q2);
                q3 = HostMath.Fma(v3, v3, q3);
            }

            Store(s0, s1, s2, s3, sums + place);
            Store(q0, q1, q2, q3, sums + period + place);
        }

        for (; place < period; place += Lanes)
        {
            Vector512<float> s = default, q = default, d = Vector512.Load(shift + place);
            long at = place;
            for (int row = 0; row < rows; row++, at += period)
            {
                Vector512<float> v = T.Load(x, at) - d;
                s += v;
                q = HostMath.Fma(v, v, q);
            }

            s.Store(sums + place);
            q.Store(sums + period + place);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* to)
    {
        a.Store(to);
        b.Store(to + Lanes);
        c.Store(to + (2 * Lanes));
        d.Store(to + (3 * Lanes));
    }

    private static void Forward<T>(
        byte* x, byte* y, byte* added, ushort* mask, int rows, int period, float* factor, float* offset, float keep, float slope)
        where T : struct, IWideElement
    {
        Vector512<float> below = Vector512.Create(slope), kept = Vector512.Create(keep);
        long at = 0;
        for (int row = 0; row < rows; row++)
        {
            for (int place = 0; place < period; place += Lanes, at += Lanes)
            {
                Vector512<float> u = HostMath.Fma(
                    T.Load(x, at), Vector512.Load(factor + place), Vector512.Load(offset + place));
                u = Vector512.ConditionalSelect(Vector512.GreaterThan(u, Vector512<float>.Zero), u, u * below);
                if (mask is not null)
                {
                    u = (u * kept) & Lane(mask[at / Lanes]);
                }

                if (added is not null)
                {
                    u += T.Load(added, at);
                }

                T.Store(u, y, at);
            }
        }
    }

    private static double BackwardSums<T>(
        byte* x, byte* g, ushort* mask, int rows, int period, in NormPointers law, float keep, float slope, float* sums)
        where T : struct, IWideElement
    {
        Vector512<float> below = Vector512.Create(slope), kept = Vector512.Create(keep);
        double ofSlope = 0;
        for (int place = 0; place < period; place += Lanes)
        {
            Vector512<float> factor = Vector512.Load(law.Factor + place), offset = Vector512.Load(law.Offset + place);
            Vector512<float> unitFactor = Vector512.Load(law.UnitFactor + place);
            Vector512<float> unitOffset = Vector512.Load(law.UnitOffset + place);
            Vector512<float> s = default, q = default, least = default;
            long at = place;
            for (int row = 0; row < rows; row++, at += period)
            {
                Vector512<float> value = T.Load(x, at);
                Vector512<float> u = HostMath.Fma(value, factor, offset);
                Vector512<float> h = T.Load(g, at);
                if (mask is not null)
                {
                    h = (h * kept) & Lane(mask[at / Lanes]);
                }

                least = HostMath.Fma(h, Vector512.MinNative(u, Vector512<float>.Zero), least);
                h = Vector512.ConditionalSelect(Vector512.GreaterThan(u, Vector512<float>.Zero), h, h * below);
                s += h;
                q = HostMath.Fma(h, HostMath.Fma(value, unitFactor, unitOffset), q);
            }

            s.Store(sums + place);
            q.Store(sums + period + place);
            ofSlope += Vector512.Sum(least);
        }

        return ofSlope;
    }

    private static void Backward<T>(
        byte* x, byte* g, byte* dx, ushort* mask, int rows, int period, in NormPointers law, float keep, float slope)
        where T : struct, IWideElement
    {
        Vector512<float> below = Vector512.Create(slope), kept = Vector512.Create(keep);
        long at = 0;
        for (int row = 0; row < rows; row++)
        {
            for (int place = 0; place < period; place += Lanes, at += Lanes)
            {
                Vector512<float> value = T.Load(x, at), factor = Vector512.Load(law.Factor + place);
                Vector512<float> u = HostMath.Fma(value, factor, Vector512.Load(law.Offset + place));
                Vector512<float> h = T.Load(g, at);
                if (mask is not null)
                {
                    h = (h * kept) & Lane(mask[at / Lanes]);
                }

                h = Vector512.ConditionalSelect(Vector512.GreaterThan(u, Vector512<float>.Zero), h, h * below);
                Vector512<float> rest = HostMath.Fma(
                    value, Vector512.Load(law.Slope + place), Vector512.Load(law.Constant + place));
                T.Store(HostMath.Fma(h, factor, rest), dx, at);
            }
        }
    }
}

/// <summary>A sample's law, pinned.</summary>
public readonly unsafe ref struct NormPointers
{
    /// <summary>Of <see cref="NormLaw.Factor"/>.</summary>
    public float* Factor { get; init; }

    /// <summary>Of <see cref="NormLaw.Offset"/>.</summary>
    public float* Offset { get; init; }

    /// <summary>Of <see cref="NormLaw.UnitFactor"/>.</summary>
    public float* UnitFactor { get; init; }

    /// <summary>Of <see cref="NormLaw.UnitOffset"/>.</summary>
    public float* UnitOffset { get; init; }

    /// <summary>Of <see cref="NormBackwardLaw.Slope"/>; the second sweep's.</summary>
    public float* Slope { get; init; }

    /// <summary>Of <see cref="NormBackwardLaw.Constant"/>; the second sweep's.</summary>
    public float* Constant { get; init; }
}
