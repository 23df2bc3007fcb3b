using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Voxel contrast over two appearances of one anatomy: at four levels of the network the features of voxels with one label come together,
/// whichever appearance they are of, and those of other labels go apart.
/// </summary>
/// <remarks>
/// <para>
/// Up to 256 voxels of every item and level, the same in both views, go through the level's projector; the loss is the mean over levels and items of
/// the supervised contrast with temperature 0.33. A voxel of a coarse level has the label at its middle, index i f + f / 2 along each axis for
/// stride f, as the first view numbers it: labels are the anatomy's, even where they are ranked by intensity. Items are contrasted each by itself.
/// </para>
/// <para>
/// The least that a network can reach is about the logarithm of the rows of a label: 2N / K of K labels that are alike in size. Where appearances
/// give a label any intensity (recipes of noise fields), its voxels in the other view are known by shape alone, and the loss stays near chance.
/// "anatomix-balanced" gives rare labels the same say as frequent ones, as anchors and in the denominator.
/// </para>
/// <para>Source: Dey et al., "Learning general-purpose biomedical volume representations using randomized synthesis", ICLR 2025.</para>
/// </remarks>
[Objective(ObjectiveName, "Features of a voxel's label, the same in two appearances of one anatomy, at four levels of the network.")]
[Objective(BalancedName, "As anatomix, with the same say for rare labels as for frequent ones.")]
public sealed class AnatomixObjective : Objective
{
    /// <summary>What commands and checkpoints call it.</summary>
    public const string ObjectiveName = "anatomix";

    /// <summary>The name of its balanced form.</summary>
    public const string BalancedName = "anatomix-balanced";

    private const int MostLevels = 4;
    private const int MostVoxels = 256;

    private readonly string name;
    private readonly VolumeShape shape;
    private readonly bool isBalanced;
    private AnatomixParts? parts;
    private int[] levels = [];
    private double? chance;

    /// <summary>The objective.</summary>
    /// <param name="context">What it is made for; its name says which form.</param>
    public AnatomixObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (name, shape, isBalanced) = (context.Name, context.Shape, context.Name == BalancedName);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views { get; } = [ObjectiveView.FirstAppearance, ObjectiveView.SecondAppearance];

    /// <inheritdoc/>
    public override nn.Module? Parts => parts;

    /// <summary>Chance: features that are all equal. Of the balanced form it depends on the labels that a sample has.</summary>
    public override ObjectiveBounds Bounds => new(Chance: isBalanced ? null : chance);

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount)
    {
        if (labelCount < 2)
        {
            throw new ObjectiveException(
                $"Objective {name} tells voxels of different labels apart, and the recipe has one label; take a recipe with two or more.");
        }

        NetworkLevel[] all = NetworkLevel.Of(network);
        levels = LevelsOf([.. all.Select(static level => level.Part)]);
        parts = new AnatomixParts(levels.Select(level => all[level]));
        chance = levels.Average(level =>
            SupervisedContrast.Chance(2 * (int)Math.Min(MostVoxels, shape.VoxelCount / Math.Pow(all[level].Stride, shape.Dimensions))));
    }

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using DisposeScope scope = NewDisposeScope();
        Tensor input = cat([.. Views.Select(batch.Input)], 0);
        IReadOnlyList<FeatureMap> maps = batch.FeatureMaps(input);
        Tensor labels = batch.Labels(Views[0]);
        PlaceRandom[] random = batch.Random(PlaceRandom.VoxelStream);
        Tensor[] losses = new Tensor[levels.Length];
        for (int n = 0; n < losses.Length; n++)
        {
            FeatureMap map = maps[levels[n]];
            losses[n] = LevelLoss(n, map.Values, labels, LevelVoxels.Draw(map, MostVoxels, random));
        }

        Tensor ofLevels = stack(losses);
        double loss = batch.Backward(ofLevels.mean());
        using Tensor onHost = ofLevels.detach().cpu();
        return new ObjectiveValue(
            loss, [.. onHost.data<float>().ToArray().Select((value, n) => (maps[levels[n]].Name, (double)value))]);
    }

    /// <summary>Which maps are contrasted: from the deepest to the output, at most four, evenly spread.</summary>
    internal static int[] LevelsOf(FeaturePart[] parts)
    {
        int first = Math.Max(0, Array.IndexOf(parts, FeaturePart.Deepest)), behind = parts.Length - 1 - first;
        int count = Math.Min(MostLevels, behind + 1);
        return [.. Enumerable.Range(0, count).Select(n => first + (int)Math.Round((double)n * behind / Math.Max(1, count - 1)))];
    }

    // [2B, C, (D,) H, W], one view behind the other; an item's rows are those of both.
    private Tensor LevelLoss(int level, Tensor map, Tensor labels, LevelVoxels voxels)
    {
        const int ViewCount = 2;
        Tensor features = voxels.Features(map, ViewCount).to_type(ScalarType.Float32);
        (long items, long count) = (labels.shape[0], features.shape[1]);
        Tensor rows = parts!.Project(level, features.reshape(ViewCount * items * count, -1))
            .reshape(ViewCount, items, count, -1).transpose(0, 1).reshape(items, ViewCount * count, -1);
        return SupervisedContrast.Loss(rows, voxels.Labels(labels).repeat(1, ViewCount), isBalanced);
    }
}
