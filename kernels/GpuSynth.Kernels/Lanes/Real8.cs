using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>Eight voxels side by side on the host, where it has no AVX-512.</summary>
/// <param name="v">The numbers.</param>
public readonly struct Real8(Vector256<float> v) : IHostReal<Real8, Word8>
{
    /// <summary>The numbers.</summary>
    internal readonly Vector256<float> V = v;

    static int IHostReal<Real8, Word8>.Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Of(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 operator +(Real8 a, Real8 b) => new(a.V + b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 operator -(Real8 a, Real8 b) => new(a.V - b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 operator *(Real8 a, Real8 b) => new(a.V * b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 operator /(Real8 a, Real8 b) => new(a.V / b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Over(Real8 a, float divisor) => new(a.V / Vector256.Create(divisor));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Fma(Real8 a, Real8 b, Real8 c) => new(Vector256.FusedMultiplyAdd(a.V, b.V, c.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Lerp(Real8 a, Real8 b, Real8 t) => new(Vector256.FusedMultiplyAdd(t.V, b.V - a.V, a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Min(Real8 a, Real8 b) =>
        new(Avx.IsSupported ? Avx.Min(a.V, b.V) : Vector256.ConditionalSelect(Vector256.LessThan(a.V, b.V), a.V, b.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Max(Real8 a, Real8 b) =>
        new(Avx.IsSupported ? Avx.Max(a.V, b.V) : Vector256.ConditionalSelect(Vector256.GreaterThan(a.V, b.V), a.V, b.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Abs(Real8 a) => new(Vector256.Abs(a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Sqrt(Real8 a) => new(Vector256.Sqrt(a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Exp(Real8 a) => LaneMath.Exp<Real8, Word8>(a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Log(Real8 a) => LaneMath.Log<Real8, Word8>(a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 Floor(Real8 a) => new(Vector256.Floor(a.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 WhereLess(Real8 a, Real8 b, Real8 yes, Real8 no) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(a.V, b.V), yes.V, no.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 WhereAtMost(Real8 a, Real8 b, Real8 yes, Real8 no) =>
        new(Vector256.ConditionalSelect(Vector256.LessThanOrEqual(a.V, b.V), yes.V, no.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 WhereNumber(Real8 a, Real8 yes, Real8 no) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a.V, a.V), yes.V, no.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 Whole(Real8 a) => new(Vector256.ConvertToInt32(a.V).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Real8 Look(in Row row, WordList list, Word8 index) => Gather((float*)row.WordsAddress + list.First, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Real8 Look(in NumberTable table, Word8 index) => Gather((float*)table.Address, index);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCosTurns(Word8 bits, out Real8 sine, out Real8 cosine) =>
        LaneMath.SinCosTurns<Real8, Word8>(Uniform.FromBits<Real8, Word8>(bits), out sine, out cosine);

    /// <inheritdoc/>
    public static unsafe T Drawn<T>(in Row row, int first)
        where T : unmanaged => *(T*)((uint*)row.WordsAddress + first);

    /// <inheritdoc/>
    public static unsafe float Measured(in Row row, int slot) => ((float*)row.MeasuredAddress)[slot];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Real8 Gather(float* numbers, Word8 index)
    {
        Vector256<int> at = index.V.AsInt32();
        if (Avx2.IsSupported)
        {
            return new(Avx2.GatherVector256(numbers, at, sizeof(float)));
        }

        Vector256<float> result = default;
        for (int lane = 0; lane < 8; lane++)
        {
            result = result.WithElement(lane, numbers[at.GetElement(lane)]);
        }

        return new(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe Real8 IHostReal<Real8, Word8>.Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void IHostReal<Real8, Word8>.Store(Real8 values, float* to) => values.V.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool IHostReal<Real8, Word8>.IsSame(Word8 a, uint number) => Vector256.EqualsAll(a.V, Vector256.Create(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe Word8 IHostReal<Real8, Word8>.LoadLabels(byte* from)
    {
        Vector128<byte> labels = Vector64.Load(from).ToVector128Unsafe();
        if (Avx2.IsSupported)
        {
            return new(Avx2.ConvertToVector256Int32(labels).AsUInt32());
        }

        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.WidenLower(labels));
        return new(Vector256.Create(low, high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word8 IHostReal<Real8, Word8>.CountFrom(uint first) => new(Vector256.Create(first) + Vector256<uint>.Indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word8 IHostReal<Real8, Word8>.Bits(Real8 a) => new(a.V.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Real8 IHostReal<Real8, Word8>.FromBits(Word8 a) => new(a.V.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Real8 IHostReal<Real8, Word8>.WhereOdd(Word8 a, Real8 yes, Real8 no) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a.V & Vector256<uint>.One, Vector256<uint>.One).AsSingle(), yes.V, no.V));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word8 IHostReal<Real8, Word8>.ShiftLeft(Word8 a, int bits) => new(Vector256.ShiftLeft(a.V, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Word8 IHostReal<Real8, Word8>.ShiftRightSigned(Word8 a, int bits) =>
        new(Vector256.ShiftRightArithmetic(a.V.AsInt32(), bits).AsUInt32());
}

/// <summary>8 whole numbers side by side on the host.</summary>
/// <param name="v">The numbers.</param>
public readonly struct Word8(Vector256<uint> v) : IWord<Real8, Word8>
{
    /// <summary>The numbers.</summary>
    internal readonly Vector256<uint> V = v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 Of(uint value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 operator +(Word8 a, Word8 b) => new(a.V + b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 operator ^(Word8 a, Word8 b) => new(a.V ^ b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 operator &(Word8 a, Word8 b) => new(a.V & b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 operator *(Word8 a, Word8 b) => new(a.V * b.V);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(Word8 a, uint factor, out Word8 high, out Word8 low)
    {
        Vector256<ulong> even;
        Vector256<ulong> odd;
        if (Avx2.IsSupported)
        {
            even = Avx2.Multiply(a.V, Vector256.Create(factor));
            odd = Avx2.Multiply((a.V.AsUInt64() >>> 32).AsUInt32(), Vector256.Create(factor));
        }
        else
        {
            Vector256<ulong> constant = Vector256.Create((ulong)factor);
            even = (a.V.AsUInt64() & Vector256.Create(0xffffffffUL)) * constant;
            odd = (a.V.AsUInt64() >>> 32) * constant;
        }

        Vector256<ulong> upper = Vector256.Create(0xffffffff00000000UL);
        high = new(Vector256.ConditionalSelect(upper, odd, even >>> 32).AsUInt32());
        low = new(Vector256.ConditionalSelect(upper, odd << 32, even).AsUInt32());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 Min(Word8 a, Word8 b) => new(Vector256.Min(a.V, b.V));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Word8 ShiftRight(Word8 a, int bits) => new(Vector256.ShiftRightLogical(a.V, bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real8 ToReal(Word8 a) => new(Vector256.ConvertToSingle(a.V.AsInt32()));
}
