using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>A number in memory that is computed with as a float: how sixteen, four or one of them are read and written.</summary>
internal unsafe interface IWideElement
{
    /// <summary>Bytes of one.</summary>
    static abstract int Size { get; }

    /// <summary>Reads sixteen.</summary>
    static abstract Vector512<float> Load(byte* from, long place);

    /// <summary>Writes sixteen.</summary>
    static abstract void Store(Vector512<float> values, byte* to, long place);

    /// <summary>Reads four.</summary>
    static abstract Vector128<float> LoadFour(byte* from, long place);

    /// <summary>Writes four.</summary>
    static abstract void StoreFour(Vector128<float> values, byte* to, long place);

    /// <summary>Reads one.</summary>
    static abstract float LoadOne(byte* from, long place);

    /// <summary>Writes one.</summary>
    static abstract void StoreOne(float value, byte* to, long place);
}

/// <summary>float32.</summary>
internal readonly unsafe struct WideFloat : IWideElement
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* from, long place) => Vector512.Load((float*)from + place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, byte* to, long place) => values.Store((float*)to + place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadFour(byte* from, long place) => Vector128.Load((float*)from + place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(Vector128<float> values, byte* to, long place) => values.Store((float*)to + place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(byte* from, long place) => ((float*)from)[place];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreOne(float value, byte* to, long place) => ((float*)to)[place] = value;
}

/// <summary>bfloat16: the upper half of a float, rounded to the nearest, ties to even; a NaN stays one.</summary>
internal readonly unsafe struct WideBFloat16 : IWideElement
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* from, long place)
    {
        Vector256<ushort> bits = Vector256.Load((ushort*)from + place);
        Vector512<uint> wide = Vector512.Create(Vector256.WidenLower(bits), Vector256.WidenUpper(bits));
        return Vector512.ShiftLeft(wide, 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, byte* to, long place)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> odd = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One;
        Vector512<uint> rounded = bits + Vector512.Create(0x7FFFu) + odd;
        rounded = Vector512.ConditionalSelect(
            Vector512.Equals(values, values).AsUInt32(), rounded, bits | Vector512.Create(0x400000u));
        Vector512<uint> high = Vector512.ShiftRightLogical(rounded, 16);
        Vector256<ushort> narrow = Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt16(high)
            : Vector256.Narrow(high.GetLower(), high.GetUpper());
        narrow.Store((ushort*)to + place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadFour(byte* from, long place)
    {
        Vector128<ushort> bits = Vector128.CreateScalar(*(ulong*)((ushort*)from + place)).AsUInt16();
        return Vector128.ShiftLeft(Vector128.WidenLower(bits), 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(Vector128<float> values, byte* to, long place)
    {
        for (int n = 0; n < 4; n++)
        {
            StoreOne(values.GetElement(n), to, place + n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(byte* from, long place) =>
        BitConverter.UInt32BitsToSingle((uint)((ushort*)from)[place] << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreOne(float value, byte* to, long place) =>
        ((ushort*)to)[place] = (ushort)NarrowFloat.BFloat16Bits(value);
}
