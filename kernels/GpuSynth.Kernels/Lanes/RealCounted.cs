namespace GpuSynth.Kernels;

/// <summary>What a piece of mathematics costs per voxel, counted by running it, never measured.</summary>
/// <param name="Flops">
/// Floating-point operations: a fused multiply-add counts 2; an addition, product, quotient, root, comparison, minimum, maximum,
/// rounding or conversion 1.
/// </param>
/// <param name="Instructions">
/// Vector instructions per lane on the host, whole-number ones too. Loads, stores, broadcasts and looks into a list are not counted; a root,
/// a quotient or a 64-bit product counts once, though it takes longer.
/// </param>
public readonly record struct LaneCost(double Flops, double Instructions)
{
    // Counted in LaneMath, per lane.
    internal static readonly LaneCost Log = new(28, 21);
    internal static readonly LaneCost Exp = new(25, 18);
    internal static readonly LaneCost SinCosTurns = new(27, 30);

    /// <summary>The sum of two costs.</summary>
    public static LaneCost operator +(LaneCost a, LaneCost b) => new(a.Flops + b.Flops, a.Instructions + b.Instructions);
}

/// <summary>A lane that counts: numbers like a double's, and every operation added up on the thread that runs it.</summary>
/// <param name="v">The number.</param>
internal readonly struct RealCounted(double v) : IReal<RealCounted, WordCounted>
{
    [ThreadStatic]
    private static LaneCost sum;

    public readonly double V = v;

    /// <summary>What the mathematics of a component costs per voxel.</summary>
    public static LaneCost Of<TLink>()
        where TLink : struct, IChain<TLink>
    {
        sum = default;
        Run<TLink>(0.5);
        return new LaneCost(sum.Flops / 4, sum.Instructions / 4);
    }

    /// <summary>Whether the mathematics of a component reads the intensity before it: a NaN stays one.</summary>
    public static bool ReadsIntensity<TLink>()
        where TLink : struct, IChain<TLink> => double.IsNaN(Run<TLink>(double.NaN).V);

    private static RealCounted Run<TLink>(double value)
        where TLink : struct, IChain<TLink>
    {
        RealCounted v = new(value);
        return TLink.At(new Four<RealCounted>(v, v, v, v), default(Voxels<RealCounted, WordCounted>), default(TLink)).A;
    }

    public static RealCounted Of(float value) => new(value);

    public static RealCounted operator +(RealCounted a, RealCounted b) => Counted(1, 1, a.V + b.V);

    public static RealCounted operator -(RealCounted a, RealCounted b) => Counted(1, 1, a.V - b.V);

    public static RealCounted operator *(RealCounted a, RealCounted b) => Counted(1, 1, a.V * b.V);

    public static RealCounted operator /(RealCounted a, RealCounted b) => Counted(1, 1, a.V / b.V);

    public static RealCounted Over(RealCounted a, float divisor) => Counted(1, 1, a.V / divisor);

    public static RealCounted Fma(RealCounted a, RealCounted b, RealCounted c) => Counted(2, 1, (a.V * b.V) + c.V);

    public static RealCounted Lerp(RealCounted a, RealCounted b, RealCounted t) => Counted(3, 2, a.V + (t.V * (b.V - a.V)));

    public static RealCounted Min(RealCounted a, RealCounted b) => Counted(1, 1, a.V < b.V ? a.V : b.V);

    public static RealCounted Max(RealCounted a, RealCounted b) => Counted(1, 1, a.V > b.V ? a.V : b.V);

    public static RealCounted Abs(RealCounted a) => Counted(0, 1, Math.Abs(a.V));

    public static RealCounted Sqrt(RealCounted a) => Counted(1, 1, Math.Sqrt(a.V));

    public static RealCounted Exp(RealCounted a) => Counted(LaneCost.Exp.Flops, LaneCost.Exp.Instructions, Math.Exp(a.V));

    public static RealCounted Log(RealCounted a) => Counted(LaneCost.Log.Flops, LaneCost.Log.Instructions, Math.Log(a.V));

    public static RealCounted Floor(RealCounted a) => Counted(1, 1, Math.Floor(a.V));

    public static RealCounted WhereLess(RealCounted a, RealCounted b, RealCounted yes, RealCounted no) =>
        Counted(1, 2, a.V < b.V ? yes.V : no.V);

    public static RealCounted WhereAtMost(RealCounted a, RealCounted b, RealCounted yes, RealCounted no) =>
        Counted(1, 2, a.V <= b.V ? yes.V : no.V);

    public static RealCounted WhereNumber(RealCounted a, RealCounted yes, RealCounted no) =>
        Counted(1, 2, double.IsNaN(a.V) ? no.V : yes.V);

    public static WordCounted Whole(RealCounted a)
    {
        Count(1, 1);
        return new((uint)(int)a.V);
    }

    public static RealCounted Look(in Row row, WordList list, WordCounted index) => new(0.5);

    public static RealCounted Look(in NumberTable table, WordCounted index) => new(0.5);

    public static void SinCosTurns(WordCounted bits, out RealCounted sine, out RealCounted cosine)
    {
        Count(LaneCost.SinCosTurns.Flops, LaneCost.SinCosTurns.Instructions);
        (sine, cosine) = (new(0), new(1));
    }

    public static T Drawn<T>(in Row row, int first)
        where T : unmanaged => default;

    public static float Measured(in Row row, int slot) => slot;

    internal static void Count(double flops, double instructions) => sum += new LaneCost(flops, instructions);

    internal static RealCounted Counted(double flops, double instructions, double value)
    {
        Count(flops, instructions);
        return new(value);
    }
}

/// <summary>One whole number beside a <see cref="RealCounted"/>.</summary>
/// <param name="v">The number.</param>
internal readonly struct WordCounted(uint v) : IWord<RealCounted, WordCounted>
{
    public readonly uint V = v;

    public static WordCounted Of(uint value) => new(value);

    public static WordCounted operator +(WordCounted a, WordCounted b) => Counted(1, a.V + b.V);

    public static WordCounted operator ^(WordCounted a, WordCounted b) => Counted(1, a.V ^ b.V);

    public static WordCounted operator &(WordCounted a, WordCounted b) => Counted(1, a.V & b.V);

    public static WordCounted operator *(WordCounted a, WordCounted b) => Counted(1, a.V * b.V);

    public static void Multiply(WordCounted a, uint factor, out WordCounted high, out WordCounted low)
    {
        ulong product = (ulong)factor * a.V;
        high = Counted(7, (uint)(product >> 32));
        low = new((uint)product);
    }

    public static WordCounted Min(WordCounted a, WordCounted b) => Counted(1, Math.Min(a.V, b.V));

    public static WordCounted ShiftRight(WordCounted a, int bits) => Counted(1, a.V >> bits);

    public static RealCounted ToReal(WordCounted a) => RealCounted.Counted(1, 1, (int)a.V);

    private static WordCounted Counted(double instructions, uint value)
    {
        RealCounted.Count(0, instructions);
        return new(value);
    }
}
