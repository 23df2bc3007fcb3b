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
/// <param name="Gathers">Looks into a list or a table at an index that differs from voxel to voxel: not at one that follows from the label alone.</param>
public readonly record struct LaneCost(double Flops, double Instructions, double Gathers = 0)
{
    // Counted in LaneMath, per lane.
    internal static readonly LaneCost Log = new(28, 21);
    internal static readonly LaneCost Exp = new(25, 18);
    internal static readonly LaneCost SinCosTurns = new(27, 30);

    /// <summary>The sum of two costs.</summary>
    public static LaneCost operator +(LaneCost a, LaneCost b) =>
        new(a.Flops + b.Flops, a.Instructions + b.Instructions, a.Gathers + b.Gathers);
}

/// <summary>A lane that counts: numbers like a double's, and every operation added up on the thread that runs it.</summary>
/// <param name="v">The number.</param>
internal readonly struct RealCounted(double v) : IReal<RealCounted, WordCounted>
{
    // Places of a sample at which costs are counted, of four voxels each.
    private const int Runs = 61;

    [ThreadStatic]
    private static LaneCost sum;

    public readonly double V = v;

    /// <summary>What the mathematics of a component costs per voxel of a sample: the mean over voxels in all parts of it, and over all labels.</summary>
    /// <param name="link">Where its numbers stand in the row.</param>
    /// <param name="row">What was drawn and measured; tables are not looked at.</param>
    /// <param name="facts">What is known of the sample.</param>
    public static LaneCost Of<TLink>(TLink link, in Row row, SampleFacts facts)
        where TLink : struct, IChain<TLink>
    {
        int blocks = checked((int)Uniform.BlocksOf(facts.Shape.VoxelCount));
        TLink loaded = TLink.Load<RealCounted, WordCounted>(link, in row);
        sum = default;
        for (int run = 0; run < Runs; run++)
        {
            WordCounted label = WordCounted.Of((uint)(run % Math.Max(1, facts.LabelCount)));
            var block = new WordCounted((uint)((long)blocks * run / Runs), false);
            var voxels = new Voxels<RealCounted, WordCounted>(block, new(label, label, label, label), in row);
            RealCounted value = new((run + 0.5) / Runs);
            TLink.At(new Four<RealCounted>(value, value, value, value), in voxels, in loaded);
        }

        return new LaneCost(sum.Flops / (4 * Runs), sum.Instructions / (4 * Runs), sum.Gathers / (4 * Runs));
    }

    /// <summary>Whether the mathematics of a component reads the intensity before it: a NaN stays one.</summary>
    public static bool ReadsIntensity<TLink>()
        where TLink : struct, IChain<TLink>
    {
        RealCounted v = new(double.NaN);
        var voxels = default(Voxels<RealCounted, WordCounted>);
        return double.IsNaN(TLink.At(new Four<RealCounted>(v, v, v, v), in voxels, default(TLink)).A.V);
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
        return new((uint)(int)a.V, false);
    }

    public static unsafe RealCounted Look(in Row row, WordList list, WordCounted index)
    {
        CountLook(index);
        return new(row.WordsAddress == 0 ? 0.5 : ((float*)row.WordsAddress)[list.First + (int)index.V]);
    }

    public static RealCounted Look(in NumberTable table, WordCounted index)
    {
        CountLook(index);
        return new(0.5);
    }

    public static void SinCosTurns(WordCounted bits, out RealCounted sine, out RealCounted cosine)
    {
        Count(LaneCost.SinCosTurns.Flops, LaneCost.SinCosTurns.Instructions);
        (sine, cosine) = (new(0), new(1));
    }

    public static unsafe T Drawn<T>(in Row row, int first)
        where T : unmanaged => row.WordsAddress == 0 ? default : *(T*)((uint*)row.WordsAddress + first);

    public static unsafe float Measured(in Row row, int slot) =>
        row.MeasuredAddress == 0 ? slot : ((float*)row.MeasuredAddress)[slot];

    internal static void Count(double flops, double instructions) => sum += new LaneCost(flops, instructions);

    internal static RealCounted Counted(double flops, double instructions, double value)
    {
        Count(flops, instructions);
        return new(value);
    }

    private static void CountLook(WordCounted index) => sum += new LaneCost(0, 0, index.IsOfLabel ? 0 : 1);
}

/// <summary>One whole number beside a <see cref="RealCounted"/>.</summary>
/// <param name="v">The number.</param>
/// <param name="isOfLabel">Whether it follows from the voxel's label, or from nothing: all voxels of a label have it.</param>
internal readonly struct WordCounted(uint v, bool isOfLabel) : IWord<RealCounted, WordCounted>
{
    public readonly uint V = v;
    public readonly bool IsOfLabel = isOfLabel;

    public static WordCounted Of(uint value) => new(value, true);

    public static WordCounted operator +(WordCounted a, WordCounted b) => Counted(a, b, a.V + b.V);

    public static WordCounted operator ^(WordCounted a, WordCounted b) => Counted(a, b, a.V ^ b.V);

    public static WordCounted operator &(WordCounted a, WordCounted b) => Counted(a, b, a.V & b.V);

    public static WordCounted operator *(WordCounted a, WordCounted b) => Counted(a, b, a.V * b.V);

    public static void Multiply(WordCounted a, uint factor, out WordCounted high, out WordCounted low)
    {
        ulong product = (ulong)factor * a.V;
        RealCounted.Count(0, 7);
        high = new((uint)(product >> 32), a.IsOfLabel);
        low = new((uint)product, a.IsOfLabel);
    }

    public static WordCounted Min(WordCounted a, WordCounted b) => Counted(a, b, Math.Min(a.V, b.V));

    public static WordCounted ShiftRight(WordCounted a, int bits) => Counted(a, a, a.V >> bits);

    public static RealCounted ToReal(WordCounted a) => RealCounted.Counted(1, 1, (int)a.V);

    private static WordCounted Counted(WordCounted a, WordCounted b, uint value)
    {
        RealCounted.Count(0, 1);
        return new(value, a.IsOfLabel && b.IsOfLabel);
    }
}
