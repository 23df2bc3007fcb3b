using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// Where sampling positions fall on the knots of a label field, along one axis. Positions are q = p' + 1, so that the zero border
/// at voxel -1 is 0; p' = p S / (S - 1) - 1/2 for a voxel p, and 0 on an axis of one voxel.
/// </summary>
internal sealed unsafe class SampleAxis
{
    private const int Lanes = 16;
    private readonly PinnedArray<int> cells;
    private readonly PinnedArray<float> starts;
    private readonly PinnedArray<float> inverseWidths;
    private readonly bool fitsTwoVectors;
    private readonly int length;
    private readonly int firstVoxel;

    public SampleAxis(KnotAxis axis, int length)
    {
        this.length = length;
        firstVoxel = axis.FirstVoxel;
        KnotCount = axis.Count;
        int padded = Math.Max(2 * Lanes, HostMath.RoundUp(axis.Count, Lanes));
        cells = new PinnedArray<int>(axis.CellOfVoxel.Length);
        starts = new PinnedArray<float>(padded);
        inverseWidths = new PinnedArray<float>(padded);
        axis.CellOfVoxel.CopyTo(cells.Span);
        for (int knot = 0; knot < axis.Count; knot++)
        {
            starts[knot] = axis.Positions[knot] - axis.FirstVoxel;
            inverseWidths[knot] = axis.InverseWidths[knot];
        }

        // At the outer border, and beyond it, the value is exactly 0: the last knot begins a cell of its own, of weight 0.
        cells[cells.Length - 1] = axis.Count - 1;
        Last = starts[axis.Count - 1];
        fitsTwoVectors = axis.Count <= 2 * Lanes && Avx512F.IsSupported;
    }

    /// <summary>Knots along the axis.</summary>
    public int KnotCount { get; }

    /// <summary>The largest position: the outer border.</summary>
    public float Last { get; }

    /// <summary>Position of each knot.</summary>
    public float* Starts => starts.Pointer;

    /// <summary>1 / (distance to the next knot).</summary>
    public float* InverseWidths => inverseWidths.Pointer;

    /// <summary>Displacements are stretched by S / (S - 1) as positions are; an axis of one voxel has none.</summary>
    public float Stretch => length == 1 ? 0 : (float)((double)length / (length - 1));

    /// <summary>Position of a voxel that is not displaced.</summary>
    public float Base(int voxel) =>
        length == 1 ? -firstVoxel : (float)((voxel * ((double)length / (length - 1))) - 0.5 - firstVoxel);

    /// <summary>The knots that enclose an interval of positions, whose ends are given rounded down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enclose(int low, int high, out int first, out int count)
    {
        first = cells.Pointer[low];
        count = Math.Min(cells.Pointer[high] + 1, KnotCount - 1) - first + 1;
    }

    /// <summary>
    /// How far an interval of positions lies inside the knots that enclose it: the fraction of the first cell below its low end,
    /// and of the last cell above its high end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (float First, float Last) Clip(float low, float high, int first, int count)
    {
        int last = first + count - 1;
        return count == 1
            ? (0, 0)
            : ((low - Starts[first]) * InverseWidths[first], (Starts[last] - high) * InverseWidths[last - 1]);
    }

    /// <summary>The cells that hold sixteen positions, and how far along each is, 0 to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<int> Locate(Vector512<float> q, out Vector512<float> t)
    {
        Vector512<int> cell = HostMath.Gather(cells.Pointer, Vector512.ConvertToInt32Native(q));
        if (fitsTwoVectors)
        {
            t = (q - Avx512F.PermuteVar16x32x2(Vector512.Load(Starts), cell, Vector512.Load(Starts + Lanes)))
                * Avx512F.PermuteVar16x32x2(Vector512.Load(InverseWidths), cell, Vector512.Load(InverseWidths + Lanes));
        }
        else
        {
            t = (q - HostMath.Gather(Starts, cell)) * HostMath.Gather(InverseWidths, cell);
        }

        return cell;
    }

    /// <summary>
    /// Hat weights of positions on <paramref name="count"/> knots that enclose them: weight i is progress through cell i - 1 less
    /// progress through cell i, where progress through a cell runs from 0 at its first knot to 1 at its second.
    /// </summary>
    /// <param name="q">Positions, <paramref name="vectors"/> vectors.</param>
    /// <param name="vectors">Vectors of positions.</param>
    /// <param name="first">First knot.</param>
    /// <param name="count">Knots, at least 1.</param>
    /// <param name="weights">[knot][vector].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Hats(Vector512<float>* q, int vectors, int first, int count, Vector512<float>* weights)
    {
        for (int vector = 0; vector < vectors; vector++)
        {
            Vector512<float> position = q[vector];
            Vector512<float> before = Vector512<float>.One;
            for (int knot = 0; knot + 1 < count; knot++)
            {
                Vector512<float> progress = (position - Vector512.Create(Starts[first + knot]))
                    * Vector512.Create(InverseWidths[first + knot]);
                progress = Vector512.MinNative(Vector512.MaxNative(progress, Vector512<float>.Zero), Vector512<float>.One);
                weights[(knot * vectors) + vector] = before - progress;
                before = progress;
            }

            weights[((count - 1) * vectors) + vector] = before;
        }
    }
}
