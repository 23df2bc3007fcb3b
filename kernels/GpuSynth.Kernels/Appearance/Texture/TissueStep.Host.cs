using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Intensities of labels with structure in them on the host: the white noise of a block, then structure, a vector of voxels at a time.
/// </summary>
/// <param name="place">Where the component stands.</param>
/// <param name="first">The word of its <see cref="TissueTable"/>.</param>
/// <param name="voxelStream">The stream of its voxels, its occurrence in the recipe in bits 16 to 23.</param>
/// <param name="tileStream">The stream of its tile, likewise.</param>
internal sealed unsafe class TissueStep(StepPlace place, int first, uint voxelStream, uint tileStream) : HostStep
{
    private readonly int tileLength = LatticeTile.Length(place.Facts.Shape);

    /// <inheritdoc/>
    public override long MemoryLength => tileLength;

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch)
    {
        if (Real16.Drawn<TissueTable>(sample.Row, first).IsUnstructured == 0)
        {
            Normal.HostFill(memory, tileLength, sample.Place(tileStream));
        }
    }

    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        Normal.HostFill(block.Values, block.Count, new HostSample(block.Row).Place(voxelStream), block.First);
        if (lanes == 16)
        {
            Walk<Real16, Word16>(in block);
        }
        else
        {
            Walk<Real8, Word8>(in block);
        }
    }

    private void Walk<F, U>(in HostBlock block)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        Row row = block.Row;
        TissueTable table = F.Drawn<TissueTable>(in row, first);
        var tile = new LatticeTile(new NumberTable(block.Memory), 0, table.Place.IsFlat);
        int whole = block.Count / F.Count * F.Count;
        Run<F, U>(in row, block.Values, block.Labels, (uint)block.First, whole, in table, in tile);
        if (whole == block.Count)
        {
            return;
        }

        // The last voxels go through the same vector, so that where a volume is cut changes no bit.
        int rest = block.Count - whole;
        float* values = stackalloc float[F.Count];
        byte* labels = stackalloc byte[F.Count];
        new Span<float>(values, F.Count).Clear();
        new Span<byte>(labels, F.Count).Clear();
        new ReadOnlySpan<float>(block.Values + whole, rest).CopyTo(new Span<float>(values, rest));
        new ReadOnlySpan<byte>(block.Labels + whole, rest).CopyTo(new Span<byte>(labels, rest));
        Run<F, U>(in row, values, labels, (uint)(block.First + whole), F.Count, in table, in tile);
        new ReadOnlySpan<float>(values, rest).CopyTo(new Span<float>(block.Values + whole, rest));
    }

    private static void Run<F, U>(
        in Row row, float* values, byte* labels, uint first, int count, in TissueTable table, in LatticeTile tile)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        if (table.IsUnstructured != 0)
        {
            Plain<F, U>(in row, values, labels, count, in table);
        }
        else
        {
            Vectors<F, U>(in row, values, labels, first, count, in table, in tile);
        }
    }

    // Where all voxels of a vector have one label, as most do, its words are those of the vector before, or read once for all of them. Optimised at once:
    // the first sample is as fast as the others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectors<F, U>(
        in Row row, float* values, byte* labels, uint first, int count, in TissueTable table, in LatticeTile tile)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        Tissue<F> tissue = default;
        int known = -1;
        for (int at = 0; at < count; at += F.Count)
        {
            U label = F.LoadLabels(labels + at);
            if (!F.IsSame(label, labels[at]))
            {
                tissue = TissueMath.Of<F, TissueOfEach<F, U>>(in table, new(row, table, label));
                known = -1;
            }
            else if (known != labels[at])
            {
                known = labels[at];
                tissue = TissueMath.Of<F, TissueOfOne<F, U>>(in table, new(in row, in table, known));
            }

            F value = TissueMath.At(F.Load(values + at), F.CountFrom(first + (uint)at), in tissue, in table, in tile);
            F.Store(value, values + at);
        }
    }

    // The same where no label has structure: two words of each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plain<F, U>(in Row row, float* values, byte* labels, int count, in TissueTable table)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F mean = default;
        F white = default;
        int known = -1;
        for (int at = 0; at < count; at += F.Count)
        {
            U label = F.LoadLabels(labels + at);
            if (!F.IsSame(label, labels[at]))
            {
                mean = F.Look(in row, TissueWords.Of(in table, TissueWords.Mean), label);
                white = F.Look(in row, TissueWords.Of(in table, TissueWords.White), label);
                known = -1;
            }
            else if (known != labels[at])
            {
                known = labels[at];
                var words = new TissueOfOne<F, U>(in row, in table, known);
                mean = words.At(TissueWords.Mean);
                white = words.At(TissueWords.White);
            }

            F.Store(F.Fma(white, F.Load(values + at), mean), values + at);
        }
    }

    // One label of all voxels.
    private readonly struct TissueOfOne<F, U>(in Row row, in TissueTable table, int label) : ITissueLook<F>
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        private readonly float* words = (float*)row.WordsAddress + table.First + label;
        private readonly int labels = table.Labels;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F At(int word) => F.Of(words[word * labels]);
    }
}
