using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>One voxel: a device's thread.</summary>
/// <param name="v">The number.</param>
public readonly struct Real1(float v) : IReal<Real1, Word1>
{
    /// <summary>The number.</summary>
    public readonly float V = v;

    /// <inheritdoc/>
    public static Real1 Of(float value) => new(value);

    /// <inheritdoc/>
    public static Real1 operator +(Real1 a, Real1 b) => new(a.V + b.V);

    /// <inheritdoc/>
    public static Real1 operator -(Real1 a, Real1 b) => new(a.V - b.V);

    /// <inheritdoc/>
    public static Real1 operator *(Real1 a, Real1 b) => new(a.V * b.V);

    /// <inheritdoc/>
    public static Real1 operator /(Real1 a, Real1 b) => new(a.V / b.V);

    /// <inheritdoc/>
    public static Real1 Over(Real1 a, float divisor) => new(a.V * (1f / divisor));

    /// <inheritdoc/>
    public static Real1 Fma(Real1 a, Real1 b, Real1 c) => new((a.V * b.V) + c.V);

    /// <inheritdoc/>
    public static Real1 Lerp(Real1 a, Real1 b, Real1 t) => new(a.V + (t.V * (b.V - a.V)));

    /// <inheritdoc/>
    public static Real1 Min(Real1 a, Real1 b) => new(a.V < b.V ? a.V : b.V);

    /// <inheritdoc/>
    public static Real1 Max(Real1 a, Real1 b) => new(a.V > b.V ? a.V : b.V);

    /// <inheritdoc/>
    public static Real1 Abs(Real1 a) => new(KernelMath.Abs(a.V));

    /// <inheritdoc/>
    public static Real1 Sqrt(Real1 a) => new(KernelMath.Sqrt(a.V));

    /// <inheritdoc/>
    public static Real1 Exp(Real1 a) => new(KernelMath.Exp(a.V));

    /// <inheritdoc/>
    public static Real1 Log(Real1 a) => new(KernelMath.Log(a.V));

    /// <inheritdoc/>
    public static Real1 Floor(Real1 a)
    {
        // What ILGPU makes of Floor is 49 instructions; the magnitude is below 2^31 wherever a component floors.
        float whole = (int)a.V;
        return new(whole > a.V ? whole - 1f : whole);
    }

    /// <inheritdoc/>
    public static Real1 WhereLess(Real1 a, Real1 b, Real1 yes, Real1 no) => new(a.V < b.V ? yes.V : no.V);

    /// <inheritdoc/>
    public static Real1 WhereAtMost(Real1 a, Real1 b, Real1 yes, Real1 no) => new(a.V <= b.V ? yes.V : no.V);

    /// <inheritdoc/>
    public static Real1 WhereNumber(Real1 a, Real1 yes, Real1 no) => new(float.IsNaN(a.V) ? no.V : yes.V);

    /// <inheritdoc/>
    public static Word1 Whole(Real1 a) => new((uint)(int)a.V);

    /// <inheritdoc/>
    public static Real1 Look(in Row row, WordList list, Word1 index) =>
        new(Interop.IntAsFloat(row.Words[list.First + (int)index.V]));

    /// <inheritdoc/>
    public static Real1 Look(in NumberTable table, Word1 index) => new(table.View[(int)index.V]);

    /// <inheritdoc/>
    public static void SinCosTurns(Word1 bits, out Real1 sine, out Real1 cosine)
    {
        Normal.QuarterTurns(bits.V, out float s, out float c);
        sine = new(s);
        cosine = new(c);
    }

    /// <inheritdoc/>
    public static T Drawn<T>(in Row row, int first)
        where T : unmanaged => Unsafe.As<uint, T>(ref row.Words[first]); // not Cast: it rounds first down to whole structs

    /// <inheritdoc/>
    public static float Measured(in Row row, int slot) =>
        MeasuredWords.Value(row.Measured[slot + (row.Sample * MeasuredWords.PerSample)]);
}

/// <summary>One whole number: a device's thread.</summary>
/// <param name="v">The number.</param>
public readonly struct Word1(uint v) : IWord<Real1, Word1>
{
    /// <summary>The number.</summary>
    public readonly uint V = v;

    /// <inheritdoc/>
    public static Word1 Of(uint value) => new(value);

    /// <inheritdoc/>
    public static Word1 operator +(Word1 a, Word1 b) => new(a.V + b.V);

    /// <inheritdoc/>
    public static Word1 operator ^(Word1 a, Word1 b) => new(a.V ^ b.V);

    /// <inheritdoc/>
    public static Word1 operator &(Word1 a, Word1 b) => new(a.V & b.V);

    /// <inheritdoc/>
    public static Word1 operator *(Word1 a, Word1 b) => new(a.V * b.V);

    /// <inheritdoc/>
    public static void Multiply(Word1 a, uint factor, out Word1 high, out Word1 low)
    {
        ulong product = (ulong)factor * a.V;
        high = new((uint)(product >> 32));
        low = new((uint)product);
    }

    /// <inheritdoc/>
    public static Word1 Min(Word1 a, Word1 b) => new(KernelMath.Min(a.V, b.V));

    /// <inheritdoc/>
    public static Word1 ShiftRight(Word1 a, int bits) => new(a.V >> bits);

    /// <inheritdoc/>
    /// <remarks>Through int: C# turns a uint into a float by way of double, which some devices lack.</remarks>
    public static Real1 ToReal(Word1 a) => new((float)(int)a.V);
}
