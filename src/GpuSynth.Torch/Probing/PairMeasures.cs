namespace GpuSynth.Torch.Probing;

/// <summary>What pairs of one anatomy in two appearances say of features, without real labels.</summary>
/// <param name="Alignment">Mean |f - g|^2 of the same voxel in both: 0 is the same.</param>
/// <param name="UniformityWithin">Of two voxels of one image: 0 (all the same) to about -4 (spread).</param>
/// <param name="UniformityAcross">Of voxels of two images.</param>
/// <param name="RightLabel">Share of voxels whose nearest in the other appearance has the right label.</param>
/// <param name="RightLabelByChance">The same of a voxel drawn at random.</param>
/// <param name="Near">Share of voxels whose nearest lies within two voxels of the right place.</param>
/// <param name="NearByChance">The same of a voxel drawn at random.</param>
public sealed record PairMeasures(
    double Alignment,
    double UniformityWithin,
    double UniformityAcross,
    double RightLabel,
    double RightLabelByChance,
    double Near,
    double NearByChance)
{
    /// <summary>The means.</summary>
    public static PairMeasures Mean(IReadOnlyList<PairMeasures> all) => new(
        all.Average(static one => one.Alignment),
        all.Average(static one => one.UniformityWithin),
        all.Average(static one => one.UniformityAcross),
        all.Average(static one => one.RightLabel),
        all.Average(static one => one.RightLabelByChance),
        all.Average(static one => one.Near),
        all.Average(static one => one.NearByChance));
}
