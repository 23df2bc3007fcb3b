using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>What a kernel costs per voxel, counted from its source, never measured.</summary>
/// <param name="Bytes">
/// Read from and written to arrays as large as the volume. Tables, coarse grids and rows in scratch stay in cache and are not
/// counted, nor are the lines that a store first fetches.
/// </param>
/// <param name="Flops">
/// Floating-point operations: a fused multiply-add counts 2; an addition, product, quotient, root, comparison, minimum, maximum,
/// rounding or conversion 1.
/// </param>
/// <param name="Instructions">
/// Vector instructions per lane, integer ones too: each takes a turn at the units that do multiply-adds, which can therefore do
/// at most half as many a second as they do floating-point operations. Loads, stores, broadcasts and gathers have units of their
/// own and are not counted; a root, a quotient or a 64-bit product counts once, though it takes longer: a share of the ceiling is
/// never flattered.
/// </param>
/// <param name="Gathers">Looks into a list or a table at an index that differs from voxel to voxel.</param>
internal readonly record struct KernelCost(double Bytes, double Flops, double Instructions, double Gathers = 0)
{
    // Counted in HostMath, Philox, Uniform and Normal, per lane.

    /// <summary>8 + 2 + 1 multiply-adds, a conversion, 2 additions, 3 products; 4 integer instructions.</summary>
    public static readonly KernelCost Log = new(0, 28, 21);

    /// <summary>9 multiply-adds, minimum, maximum, floor, conversion, addition, 2 products; 2 integer instructions.</summary>
    public static readonly KernelCost Exp = new(0, 25, 18);

    /// <summary>
    /// 9 multiply-adds, floor, conversion, 4 products; 11 integer or select instructions. Sine and cosine together.
    /// </summary>
    public static readonly KernelCost SinCosTurns = new(0, 24, 26);

    /// <summary>
    /// One word: a quarter of a block of ten rounds, each round two wide products (2 multiplications, 3 shifts and 2 selects
    /// each) and 4 exclusive-ors.
    /// </summary>
    public static readonly KernelCost PhiloxWord = new(0, 0, 10 * ((2 * 7) + 4) / 4.0);

    /// <summary>A word to a number: shift, conversion, addition, product.</summary>
    public static readonly KernelCost UniformMap = new(0, 3, 4);

    /// <summary>One normal number: its word, and half of two maps, logarithm, root, sine and cosine, and 3 products.</summary>
    public static readonly KernelCost NormalNumber =
        PhiloxWord + UniformMap + (0.5 * (Log + SinCosTurns + new KernelCost(0, 4, 4)));

    /// <summary>b - a and a multiply-add.</summary>
    public static readonly KernelCost Lerp = new(0, 3, 2);

    /// <summary>One multiply-add.</summary>
    public static readonly KernelCost MultiplyAdd = new(0, 2, 1);

    /// <summary>Some of the one-operation instructions.</summary>
    public static KernelCost Simple(double count) => new(0, count, count);

    /// <summary>Some instructions that are no floating-point operation.</summary>
    public static KernelCost Integer(double count) => new(0, 0, count);

    /// <summary>What lanes counted, and bytes that move.</summary>
    public static KernelCost Of(LaneCost cost, double bytes = 0) => new(bytes, cost.Flops, cost.Instructions, cost.Gathers);

    /// <summary>Bytes that move.</summary>
    public static KernelCost Traffic(double bytes) => new(bytes, 0, 0);

    public static KernelCost operator +(KernelCost a, KernelCost b) =>
        new(a.Bytes + b.Bytes, a.Flops + b.Flops, a.Instructions + b.Instructions, a.Gathers + b.Gathers);

    public static KernelCost operator *(double factor, KernelCost cost) =>
        new(factor * cost.Bytes, factor * cost.Flops, factor * cost.Instructions, factor * cost.Gathers);
}
