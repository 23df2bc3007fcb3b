namespace GpuSynth.Kernels;

/// <summary>
/// The numbers that a component's mathematics is written in, once: one float on a device (<see cref="Real1"/>), a vector of them on
/// the host (<see cref="Real16"/> or <see cref="Real8"/>), one double in the reference (<see cref="RealExact"/>).
/// On the host every operation is a fixed sequence of IEEE operations, so that a voxel has the same bits whatever the width.
/// </summary>
/// <typeparam name="F">The lane itself.</typeparam>
/// <typeparam name="U">The whole numbers beside it.</typeparam>
public interface IReal<F, U>
    where F : struct, IReal<F, U>
    where U : struct, IWord<F, U>
{
    /// <summary>The same number for every voxel.</summary>
    static abstract F Of(float value);

    /// <summary>a + b.</summary>
    static abstract F operator +(F a, F b);

    /// <summary>a - b.</summary>
    static abstract F operator -(F a, F b);

    /// <summary>a b.</summary>
    static abstract F operator *(F a, F b);

    /// <summary>a / b, correctly rounded where the lane is (a device's compiler decides).</summary>
    static abstract F operator /(F a, F b);

    /// <summary>a / divisor, the divisor the same for every voxel: a device divides once and multiplies.</summary>
    static abstract F Over(F a, float divisor);

    /// <summary>a b + c, rounded once on the host.</summary>
    static abstract F Fma(F a, F b, F c);

    /// <summary>a + t (b - a), the form of every interpolation.</summary>
    static abstract F Lerp(F a, F b, F t);

    /// <summary>a &lt; b ? a : b; b where either is a NaN.</summary>
    static abstract F Min(F a, F b);

    /// <summary>a &gt; b ? a : b; b where either is a NaN.</summary>
    static abstract F Max(F a, F b);

    /// <summary>|a|.</summary>
    static abstract F Abs(F a);

    /// <summary>Square root.</summary>
    static abstract F Sqrt(F a);

    /// <summary>e^a; infinite above the range of a float, about 0 below it, NaN of NaN.</summary>
    static abstract F Exp(F a);

    /// <summary>Natural logarithm of normal numbers above 0.</summary>
    static abstract F Log(F a);

    /// <summary>The largest whole number that is at most a.</summary>
    static abstract F Floor(F a);

    /// <summary>a &lt; b ? yes : no.</summary>
    static abstract F WhereLess(F a, F b, F yes, F no);

    /// <summary>a &lt;= b ? yes : no.</summary>
    static abstract F WhereAtMost(F a, F b, F yes, F no);

    /// <summary>a is a NaN ? no : yes.</summary>
    static abstract F WhereNumber(F a, F yes, F no);

    /// <summary>A whole number of at most 2^31 - 1 in magnitude, as whole number; the fraction is cut off.</summary>
    static abstract U Whole(F a);

    /// <summary>The number of a list at an index.</summary>
    /// <param name="row">The row that the list belongs to.</param>
    /// <param name="list">The list.</param>
    /// <param name="index">0 to the list's count - 1; not checked.</param>
    static abstract F Look(in Row row, WordList list, U index);

    /// <summary>The number of a table at an index.</summary>
    /// <param name="table">The table.</param>
    /// <param name="index">Which of the sample's numbers; not checked.</param>
    static abstract F Look(in NumberTable table, U index);

    /// <summary>sin(2 pi u) and cos(2 pi u) of the uniform number u of some bits (<see cref="Uniform.FromBits"/>).</summary>
    static abstract void SinCosTurns(U bits, out F sine, out F cosine);

    /// <summary>What was drawn, from the sample's row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">Its first word.</param>
    static abstract T Drawn<T>(in Row row, int first)
        where T : unmanaged;

    /// <summary>A number that was measured, the same for every voxel.</summary>
    /// <param name="row">The row.</param>
    /// <param name="slot">Which of the sample's measured numbers.</param>
    static abstract float Measured(in Row row, int slot);
}

/// <summary>The whole numbers of 32 bits beside an <see cref="IReal{F, U}"/>: labels, indices, random bits.</summary>
/// <typeparam name="F">The lane of real numbers.</typeparam>
/// <typeparam name="U">The lane itself.</typeparam>
public interface IWord<F, U>
    where F : struct, IReal<F, U>
    where U : struct, IWord<F, U>
{
    /// <summary>The same number for every voxel.</summary>
    static abstract U Of(uint value);

    /// <summary>a + b, modulo 2^32.</summary>
    static abstract U operator +(U a, U b);

    /// <summary>Bits in which a and b differ.</summary>
    static abstract U operator ^(U a, U b);

    /// <summary>Bits that a and b share.</summary>
    static abstract U operator &(U a, U b);

    /// <summary>The low word of a b.</summary>
    static abstract U operator *(U a, U b);

    /// <summary>Both words of a times a factor that is the same for every voxel.</summary>
    static abstract void Multiply(U a, uint factor, out U high, out U low);

    /// <summary>The smaller of a and b.</summary>
    static abstract U Min(U a, U b);

    /// <summary>a without its lowest bits.</summary>
    static abstract U ShiftRight(U a, int bits);

    /// <summary>As a real number; a is below 2^31.</summary>
    static abstract F ToReal(U a);
}

/// <summary>A lane that voxels in memory are read into and written from: the widths of the host.</summary>
/// <typeparam name="F">The lane itself.</typeparam>
/// <typeparam name="U">The whole numbers beside it.</typeparam>
internal unsafe interface IHostReal<F, U> : IReal<F, U>
    where F : struct, IHostReal<F, U>
    where U : struct, IWord<F, U>
{
    /// <summary>Voxels side by side.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> floats.</summary>
    static abstract F Load(float* from);

    /// <summary>Writes <see cref="Count"/> floats.</summary>
    static abstract void Store(F values, float* to);

    /// <summary>Reads <see cref="Count"/> labels.</summary>
    static abstract U LoadLabels(byte* from);

    /// <summary>first, first + 1, ...</summary>
    static abstract U CountFrom(uint first);

    /// <summary>Whether every a is a number.</summary>
    static abstract bool IsSame(U a, uint number);

    /// <summary>The bits of floats.</summary>
    static abstract U Bits(F a);

    /// <summary>The floats of bits.</summary>
    static abstract F FromBits(U a);

    /// <summary>a is odd ? yes : no.</summary>
    static abstract F WhereOdd(U a, F yes, F no);

    /// <summary>a with zeros at its lower end.</summary>
    static abstract U ShiftLeft(U a, int bits);

    /// <summary>a without its lowest bits, the sign kept.</summary>
    static abstract U ShiftRightSigned(U a, int bits);
}
