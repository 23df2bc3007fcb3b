using System.Numerics;
using System.Runtime.Intrinsics;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>
/// What the ceilings need of a vector. They are measured on the widest that the hardware has: on wider ones, which the compiler
/// makes of several narrow ones, they would come out many times too low.
/// </summary>
internal unsafe interface IWideVector<TSelf>
    where TSelf : struct, IWideVector<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf Of(float value);

    static abstract TSelf Load(float* from);

    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    void Store(float* to);

    float Sum();
}

/// <summary>Sixteen floats, of AVX-512.</summary>
internal readonly unsafe struct Vector16(Vector512<float> value) : IWideVector<Vector16>
{
    private readonly Vector512<float> value = value;

    public static int Count => Vector512<float>.Count;

    public static Vector16 Of(float value) => new(Vector512.Create(value));

    public static Vector16 Load(float* from) => new(Vector512.Load(from));

    public static Vector16 MultiplyAdd(Vector16 a, Vector16 b, Vector16 c) => new(Vector512.FusedMultiplyAdd(a.value, b.value, c.value));

    public static Vector16 operator +(Vector16 a, Vector16 b) => new(a.value + b.value);

    public static Vector16 operator *(Vector16 a, Vector16 b) => new(a.value * b.value);

    public void Store(float* to) => value.Store(to);

    public float Sum() => Vector512.Sum(value);
}

/// <summary>As many floats as the hardware's vector has, but no more than eight.</summary>
internal readonly unsafe struct UsualVector(Vector<float> value) : IWideVector<UsualVector>
{
    private readonly Vector<float> value = value;

    public static int Count => Vector<float>.Count;

    public static UsualVector Of(float value) => new(new Vector<float>(value));

    public static UsualVector Load(float* from) => new(Vector.Load(from));

    public static UsualVector MultiplyAdd(UsualVector a, UsualVector b, UsualVector c) =>
        new(Vector.FusedMultiplyAdd(a.value, b.value, c.value));

    public static UsualVector operator +(UsualVector a, UsualVector b) => new(a.value + b.value);

    public static UsualVector operator *(UsualVector a, UsualVector b) => new(a.value * b.value);

    public void Store(float* to) => value.Store(to);

    public float Sum() => Vector.Sum(value);
}
