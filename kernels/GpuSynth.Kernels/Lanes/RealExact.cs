namespace GpuSynth.Kernels;

/// <summary>One voxel in double precision: what a component's mathematics would give without rounding. For tests.</summary>
/// <param name="v">The number.</param>
public readonly struct RealExact(double v) : IReal<RealExact, WordExact>
{
    /// <summary>The number.</summary>
    public readonly double V = v;

    /// <inheritdoc/>
    public static RealExact Of(float value) => new(value);

    /// <inheritdoc/>
    public static RealExact operator +(RealExact a, RealExact b) => new(a.V + b.V);

    /// <inheritdoc/>
    public static RealExact operator -(RealExact a, RealExact b) => new(a.V - b.V);

    /// <inheritdoc/>
    public static RealExact operator *(RealExact a, RealExact b) => new(a.V * b.V);

    /// <inheritdoc/>
    public static RealExact operator /(RealExact a, RealExact b) => new(a.V / b.V);

    /// <inheritdoc/>
    public static RealExact Over(RealExact a, float divisor) => new(a.V / divisor);

    /// <inheritdoc/>
    public static RealExact Fma(RealExact a, RealExact b, RealExact c) => new((a.V * b.V) + c.V);

    /// <inheritdoc/>
    public static RealExact Lerp(RealExact a, RealExact b, RealExact t) => new(a.V + (t.V * (b.V - a.V)));

    /// <inheritdoc/>
    public static RealExact Min(RealExact a, RealExact b) => a.V < b.V ? a : b;

    /// <inheritdoc/>
    public static RealExact Max(RealExact a, RealExact b) => a.V > b.V ? a : b;

    /// <inheritdoc/>
    public static RealExact Abs(RealExact a) => new(Math.Abs(a.V));

    /// <inheritdoc/>
    public static RealExact Sqrt(RealExact a) => new(Math.Sqrt(a.V));

    /// <inheritdoc/>
    public static RealExact Exp(RealExact a) => new(Math.Exp(a.V));

    /// <inheritdoc/>
    public static RealExact Log(RealExact a) => new(Math.Log(a.V));

    /// <inheritdoc/>
    public static RealExact Floor(RealExact a) => new(Math.Floor(a.V));

    /// <inheritdoc/>
    public static RealExact WhereLess(RealExact a, RealExact b, RealExact yes, RealExact no) => a.V < b.V ? yes : no;

    /// <inheritdoc/>
    public static RealExact WhereAtMost(RealExact a, RealExact b, RealExact yes, RealExact no) => a.V <= b.V ? yes : no;

    /// <inheritdoc/>
    public static RealExact WhereNumber(RealExact a, RealExact yes, RealExact no) => double.IsNaN(a.V) ? no : yes;

    /// <inheritdoc/>
    public static WordExact Whole(RealExact a) => new((uint)(int)a.V);

    /// <inheritdoc/>
    public static unsafe RealExact Look(in Row row, WordList list, WordExact index) => new(((float*)row.WordsAddress)[list.First + (int)index.V]);

    /// <inheritdoc/>
    public static unsafe RealExact Look(in NumberTable table, WordExact index) => new(((float*)table.Address)[index.V]);

    /// <inheritdoc/>
    public static void SinCosTurns(WordExact bits, out RealExact sine, out RealExact cosine)
    {
        double angle = 2 * Math.PI * (((bits.V >> 9) + 0.5) / (1 << 23));
        sine = new(Math.Sin(angle));
        cosine = new(Math.Cos(angle));
    }

    /// <inheritdoc/>
    public static unsafe T Drawn<T>(in Row row, int first)
        where T : unmanaged => *(T*)((uint*)row.WordsAddress + first);

    /// <inheritdoc/>
    public static unsafe float Measured(in Row row, int slot) => ((float*)row.MeasuredAddress)[slot];
}

/// <summary>One whole number beside a <see cref="RealExact"/>.</summary>
/// <param name="v">The number.</param>
public readonly struct WordExact(uint v) : IWord<RealExact, WordExact>
{
    /// <summary>The number.</summary>
    public readonly uint V = v;

    /// <inheritdoc/>
    public static WordExact Of(uint value) => new(value);

    /// <inheritdoc/>
    public static WordExact operator +(WordExact a, WordExact b) => new(a.V + b.V);

    /// <inheritdoc/>
    public static WordExact operator ^(WordExact a, WordExact b) => new(a.V ^ b.V);

    /// <inheritdoc/>
    public static WordExact operator &(WordExact a, WordExact b) => new(a.V & b.V);

    /// <inheritdoc/>
    public static WordExact operator *(WordExact a, WordExact b) => new(a.V * b.V);

    /// <inheritdoc/>
    public static void Multiply(WordExact a, uint factor, out WordExact high, out WordExact low)
    {
        ulong product = (ulong)factor * a.V;
        high = new((uint)(product >> 32));
        low = new((uint)product);
    }

    /// <inheritdoc/>
    public static WordExact Min(WordExact a, WordExact b) => new(Math.Min(a.V, b.V));

    /// <inheritdoc/>
    public static WordExact ShiftRight(WordExact a, int bits) => new(a.V >> bits);

    /// <inheritdoc/>
    public static RealExact ToReal(WordExact a) => new((int)a.V);
}
