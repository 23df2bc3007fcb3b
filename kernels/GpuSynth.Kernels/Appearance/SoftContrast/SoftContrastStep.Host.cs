using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Intensities of labels with soft borders on the host: the scores of a vector of voxels as the anatomy itself has them, bit for bit, then the sum over
/// them. A vector without a label that has soft borders, and a sample without blobs, is <see cref="Contrast"/>.
/// </summary>
internal sealed unsafe class SoftContrastStep : HostStep
{
    private const int MostLanes = 16;
    private const int Edge = HostGaussians.Edge;

    private readonly VolumeShape shape;
    private readonly int first;
    private readonly SoftBlobs blobs;
    private readonly HostStep<Link<Contrast.Drawn>> hard;
    private readonly GaussianTile tile;
    private readonly int plainLength;
    private readonly int width;
    private readonly int points;

    public SoftContrastStep(in StepPlace place)
    {
        shape = place.Facts.Shape;
        first = place.Entry.First;
        blobs = SoftBlobs.Of(place.Facts);
        hard = new HostStep<Link<Contrast.Drawn>>(new Link<Contrast.Drawn>(first));
        tile = new GaussianTile(shape);
        width = HostMath.RoundUp(shape.Width, MostLanes);
        (plainLength, points) = blobs is { HasNoise: true, Entry.Component: Gaussians component }
            ? (LatticeTile.Length(shape), GaussianRow.PointsOf(width, component.LeastSpacing(shape)))
            : (0, 0);
    }

    // The tile as all lanes have it, then as rows are looked up in it, where voxels lie between its points, and the largest mean.
    /// <inheritdoc/>
    public override long MemoryLength => BoundAt + 1;

    /// <inheritdoc/>
    public override long ScratchLength => blobs.Entry is null ? 0 : (long)Gaussians.HighestOrgans * (GaussianRow.Words + points + MostLanes);

    private long BoundAt => plainLength == 0 ? 0 : AlongAt + (3L * width);

    private int AlongAt => plainLength + tile.Length;

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch)
    {
        SoftContrast.Drawn drawn = Real16.Drawn<SoftContrast.Drawn>(sample.Row, first);
        memory[BoundAt] = MathF.Abs(TensorPrimitives.MaxMagnitude(
            new ReadOnlySpan<float>((float*)sample.Row.WordsAddress + drawn.Means.First, drawn.Means.Count)));
        if (drawn.Organs > 0 && drawn.Roughness > 0)
        {
            Normal.HostFill(memory, plainLength, sample.Row.AnatomyPlace<Real16, Word16>(blobs.TileStream));
            tile.Arrange(memory + plainLength, memory);
            GaussianRow.Along(memory + AlongAt, width, drawn.StepsPerVoxel, drawn.PhaseX);
        }
    }

    /// <inheritdoc/>
    public override float Bound(float before, int z, int y, float* memory, float* scratch) => memory[BoundAt];

    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        SoftContrast.Drawn drawn = Real16.Drawn<SoftContrast.Drawn>(block.Row, first);
        if (drawn.Organs == 0)
        {
            hard.Run(lanes, in block);
        }
        else if (lanes == MostLanes)
        {
            Walk<Real16, Word16>(in block, in drawn);
        }
        else
        {
            Walk<Real8, Word8>(in block, in drawn);
        }
    }

    private void Walk<F, U>(in HostBlock block, in SoftContrast.Drawn drawn)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        Gaussians.Drawn anatomy = Real16.Drawn<Gaussians.Drawn>(block.Row, blobs.Entry!.First);
        float* numbers = drawn.Roughness > 0 ? block.Memory + plainLength : null;
        float* along = block.Memory + AlongAt;
        ulong organs = ulong.MaxValue >> (64 - drawn.Organs);
        Span<ulong> parts = stackalloc ulong[drawn.Organs];
        parts.Clear();
        float* scores = block.Scratch;
        var words = new ReadOnlySpan<float>((float*)block.Words + drawn.Blobs.First, drawn.Blobs.Count);
        var rows = new GaussianRow(words, in anatomy, tile, numbers, along, width, points, parts, scores + (Gaussians.HighestOrgans * MostLanes));
        int count;
        for (int done = 0; done < block.Count; done += count)
        {
            HostRow row = HostRow.At(shape, in block, done, out count);
            rows.Start(organs, row.Z, row.Y);
            Row<F, U>(in block, in drawn, in rows, in row, done, count, scores);
        }
    }

    // A vector at a time, each where a row's vectors lie, whatever part of the row this is. Optimised at once: the first sample is as fast as the others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<F, U>(
        in HostBlock block, in SoftContrast.Drawn drawn, in GaussianRow rows, in HostRow row, int done, int count, float* scores)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float* cut = stackalloc float[MostLanes];
        byte* cutLabels = stackalloc byte[MostLanes];
        new Span<byte>(cutLabels, MostLanes).Clear();
        int end = row.X + count;
        for (int x = row.X / F.Count * F.Count; x < end; x += F.Count)
        {
            (int from, int to) = (Math.Max(x, row.X), Math.Min(x + F.Count, end));
            bool isWhole = to - from == F.Count;
            float* values = block.Values + done + (from - row.X);
            byte* labels = block.Labels + done + (from - row.X);
            if (!isWhole)
            {
                new ReadOnlySpan<byte>(labels, to - from).CopyTo(new Span<byte>(cutLabels + (from - x), to - from));
            }

            F.Store(At<F, U>(block.Row, in drawn, in rows, F.LoadLabels(isWhole ? labels : cutLabels), x, scores), isWhole ? values : cut);
            if (!isWhole)
            {
                new ReadOnlySpan<float>(cut + (from - x), to - from).CopyTo(new Span<float>(values, to - from));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F At<F, U>(in Row row, in SoftContrast.Drawn drawn, in GaussianRow rows, U label, int x, float* scores)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F mean = F.Look(in row, drawn.Means, label);
        F softness = F.Look(in row, drawn.Softness, label);
        if (F.IsSame(F.Bits(softness), 0))
        {
            return mean;
        }

        for (int eight = 0; eight < F.Count; eight += Edge)
        {
            rows.Scores(x + eight, scores + eight, F.Count);
        }

        float* means = (float*)row.WordsAddress + drawn.OrganMeans.First;
        SoftSum<F> sum = SoftMath.Begin<F, U>(drawn.Stay, drawn.Background, mean);
        for (int organ = 0; organ < drawn.Organs; organ++)
        {
            sum = SoftMath.With<F, U>(in sum, F.Load(scores + (organ * F.Count)), F.Of(means[organ]) - mean, drawn.PerTemperature);
        }

        return SoftMath.Value<F, U>(in sum, mean, softness);
    }
}
