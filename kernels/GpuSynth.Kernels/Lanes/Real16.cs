using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>Sixteen voxels side by side on the host, where it has AVX-512.</summary>
/// <param name="v">The numbers.</param>
public readonly struct Real16(Vector512<float> v) : IHostReal<Real16, Word16>
{
    /// <summary>The numbers.</summary>
    internal readonly Vector512<float> V = v;

    static int IHostReal<Real16, Word16>.Count => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Of(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 operator +(Real16 a, Real16 b) => new(a.V + b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 operator -(Real16 a, Real16 b) => new(a.V - b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 operator *(Real16 a, Real16 b) => new(a.V * b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 operator /(Real16 a, Real16 b) => new(a.V / b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Over(Real16 a, float divisor) => new(a.V / Vector512.Create(divisor));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Fma(Real16 a, Real16 b, Real16 c) => new(Vector512.FusedMultiplyAdd(a.V, b.V, c.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Lerp(Real16 a, Real16 b, Real16 t) => new(Vector512.FusedMultiplyAdd(t.V, b.V - a.V, a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Min(Real16 a, Real16 b) =>
        new(Avx512F.IsSupported ? Avx512F.Min(a.V, b.V) : Vector512.ConditionalSelect(Vector512.LessThan(a.V, b.V), a.V, b.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Max(Real16 a, Real16 b) =>
        new(Avx512F.IsSupported ? Avx512F.Max(a.V, b.V) : Vector512.ConditionalSelect(Vector512.GreaterThan(a.V, b.V), a.V, b.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Abs(Real16 a) => new(Vector512.Abs(a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Sqrt(Real16 a) => new(Vector512.Sqrt(a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Exp(Real16 a) => LaneMath.Exp<Real16, Word16>(a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Log(Real16 a) => LaneMath.Log<Real16, Word16>(a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 Floor(Real16 a) => new(Vector512.Floor(a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 WhereLess(Real16 a, Real16 b, Real16 yes, Real16 no) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(a.V, b.V), yes.V, no.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 WhereAtMost(Real16 a, Real16 b, Real16 yes, Real16 no) =>
        new(Vector512.ConditionalSelect(Vector512.LessThanOrEqual(a.V, b.V), yes.V, no.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 WhereNumber(Real16 a, Real16 yes, Real16 no) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a.V, a.V), yes.V, no.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 Whole(Real16 a) => new(Vector512.ConvertToInt32(a.V).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Real16 Look(in Row row, WordList list, Word16 index)
    {
        float* numbers = (float*)row.WordsAddress + list.First;
        Vector512<int> at = index.V.AsInt32();

        // A table of two vectors stays in registers.
        return new(list.Count <= 32 && Avx512F.IsSupported
            ? Avx512F.PermuteVar16x32x2(Vector512.Load(numbers), at, Vector512.Load(numbers + 16))
            : HostMath.Gather(numbers, at));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Real16 Look(in NumberTable table, Word16 index) => new(HostMath.Gather((float*)table.Address, index.V.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCosTurns(Word16 bits, out Real16 sine, out Real16 cosine) =>
        LaneMath.SinCosTurns<Real16, Word16>(Uniform.FromBits<Real16, Word16>(bits), out sine, out cosine);

    /// <inheritdoc/>
    public static unsafe T Drawn<T>(in Row row, int first)
        where T : unmanaged => *(T*)((uint*)row.WordsAddress + first);

    /// <inheritdoc/>
    public static unsafe float Measured(in Row row, int slot) => ((float*)row.MeasuredAddress)[slot];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe Real16 IHostReal<Real16, Word16>.Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void IHostReal<Real16, Word16>.Store(Real16 values, float* to) => values.V.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IHostReal<Real16, Word16>.IsSame(Word16 a, uint number) => Vector512.EqualsAll(a.V, Vector512.Create(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe Word16 IHostReal<Real16, Word16>.LoadLabels(byte* from)
    {
        Vector128<byte> labels = Vector128.Load(from);
        if (Avx512F.IsSupported)
        {
            return new(Avx512F.ConvertToVector512UInt32(labels));
        }

        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(labels);
        (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
        (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
        return new(Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word16 IHostReal<Real16, Word16>.CountFrom(uint first) => new(Vector512.Create(first) + HostMath.Indices.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word16 IHostReal<Real16, Word16>.Bits(Real16 a) => new(a.V.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Real16 IHostReal<Real16, Word16>.FromBits(Word16 a) => new(a.V.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Real16 IHostReal<Real16, Word16>.WhereOdd(Word16 a, Real16 yes, Real16 no) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a.V & Vector512<uint>.One, Vector512<uint>.One).AsSingle(), yes.V, no.V));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word16 IHostReal<Real16, Word16>.ShiftLeft(Word16 a, int bits) => new(Vector512.ShiftLeft(a.V, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word16 IHostReal<Real16, Word16>.ShiftRightSigned(Word16 a, int bits) =>
        new(Vector512.ShiftRightArithmetic(a.V.AsInt32(), bits).AsUInt32());
}

/// <summary>16 whole numbers side by side on the host.</summary>
/// <param name="v">The numbers.</param>
public readonly struct Word16(Vector512<uint> v) : IWord<Real16, Word16>
{
    /// <summary>The numbers.</summary>
    internal readonly Vector512<uint> V = v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 Of(uint value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 operator +(Word16 a, Word16 b) => new(a.V + b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 operator ^(Word16 a, Word16 b) => new(a.V ^ b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 operator &(Word16 a, Word16 b) => new(a.V & b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 operator *(Word16 a, Word16 b) => new(a.V * b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(Word16 a, uint factor, out Word16 high, out Word16 low)
    {
        (Vector512<uint> upper, Vector512<uint> lower) = HostMath.Multiply(a.V, Vector512.Create(factor));
        high = new(upper);
        low = new(lower);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 Min(Word16 a, Word16 b) => new(Vector512.Min(a.V, b.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word16 ShiftRight(Word16 a, int bits) => new(Vector512.ShiftRightLogical(a.V, bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real16 ToReal(Word16 a) => new(Vector512.ConvertToSingle(a.V.AsInt32()));
}
