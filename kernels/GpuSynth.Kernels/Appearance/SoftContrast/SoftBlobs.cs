using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>The Gaussian blobs among a recipe's anatomies, where there are some, and what stands behind them.</summary>
/// <param name="Entry">Where they stand in the row; null: there are none.</param>
/// <param name="Lift">How much higher their labels are in the end, for what stands behind them.</param>
internal readonly record struct SoftBlobs(RowEntry? Entry, int Lift)
{
    /// <summary>Whether any sample has noise in their scores.</summary>
    public bool HasNoise => Entry is { Component: Gaussians { Roughness.Maximum: > 0 } };

    /// <summary>The stream of the tile that the noise looks into.</summary>
    public uint TileStream => Streams.GaussianTile | ((uint)(Entry?.Occurrence ?? 0) << 16);

    /// <summary>Those of a run.</summary>
    public static SoftBlobs Of(in SampleFacts facts)
    {
        (RowEntry? found, int lift) = (null, 0);
        for (int at = 0; at < facts.Anatomies?.Count; at++)
        {
            RowEntry entry = facts.Anatomies[at];
            bool isFound = entry.Component is Gaussians { Inside: null };
            lift = isFound ? 0 : entry.Component is IAnatomyComponent { LiftsLabels: true } ? lift + 1 : lift;
            found = isFound ? entry : found;
        }

        return new SoftBlobs(found, found is null ? 0 : lift);
    }

    /// <summary>Whether a sample has them: it may be without them by a chance, or have another anatomy over them.</summary>
    /// <param name="row">The sample's row.</param>
    public bool AreIn(ReadOnlySpan<float> row) => Entry is not null && Entry.IsIn(MemoryMarshal.Cast<float, uint>(row));

    /// <summary>What is drawn for a sample that has them.</summary>
    /// <param name="row">The sample's row.</param>
    public Gaussians.Drawn Drawn(ReadOnlySpan<float> row) => Entry!.Drawn<Gaussians.Drawn>(MemoryMarshal.Cast<float, uint>(row));
}
