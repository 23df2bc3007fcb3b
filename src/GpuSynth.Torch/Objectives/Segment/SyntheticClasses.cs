using GpuSynth.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// The classes that a network is to name voxels by. Labels of one kind (<see cref="LabelKinds"/>) are one class, for no image tells which of them
/// is which; or, where labels are ranked, a class is the rank of the label's mean intensity in its sample.
/// </summary>
internal sealed class SyntheticClasses
{
    private readonly ObjectiveContext context;
    private byte[]? classes;

    private SyntheticClasses(ObjectiveContext context, byte[]? classes) => (this.context, this.classes) = (context, classes);

    /// <summary>The classes of a recipe's samples; null where only one would be left, so that there is nothing to name.</summary>
    /// <param name="context">Recipe and shape.</param>
    public static SyntheticClasses? Of(ObjectiveContext context)
    {
        // How many labels the maps have is known when they have been read: in Count.
        if (context.RankLabels || context.Recipe.NeedsLabelMaps)
        {
            return new SyntheticClasses(context, classes: null);
        }

        byte[] classes = Numbered(KindsOf(context, mapLabels: 0));
        return classes.Max() == 0 ? null : new SyntheticClasses(context, classes);
    }

    /// <summary>Whether label 0 is told apart from all others, as a background is.</summary>
    /// <param name="context">Recipe and shape.</param>
    public static bool HasBackground(ObjectiveContext context) =>
        context.Recipe.NeedsLabelMaps || KindsOf(context, mapLabels: 0).Count(static kind => kind == 0) == 1;

    /// <summary>Number of classes.</summary>
    /// <param name="labelCount">Labels of the recipe.</param>
    public int Count(int labelCount) => context.RankLabels ? labelCount : 1 + Table(labelCount).Max();

    /// <summary>The classes of a view, [B, (D,) H, W] in uint8.</summary>
    public Tensor Of(ObjectiveStep step, ObjectiveView view)
    {
        Tensor labels = step.Labels(view);
        if (context.RankLabels)
        {
            return Ranks(step.Image(view), labels, step.LabelCount);
        }

        Tensor table = tensor(Table(step.LabelCount), device: labels.device);
        return table.index_select(0, labels.reshape(-1).to_type(ScalarType.Int64)).reshape(labels.shape);
    }

    /// <summary>
    /// Labels by the rank of their mean intensity in their sample, the darkest 0. Labels that a sample has not take the ranks behind the others'.
    /// </summary>
    /// <param name="image">[B, 1, (D,) H, W]; ranks are those of any increasing line through its intensities.</param>
    /// <param name="labels">uint8 [B, (D,) H, W].</param>
    /// <param name="labelCount">Number of labels K.</param>
    /// <returns>As the labels; of their memory and nine times as much again.</returns>
    internal static Tensor Ranks(Tensor image, Tensor labels, int labelCount)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = labels.shape[0];
        Tensor firsts = arange(Scalars.Of(0L), Scalars.Of(batch), Scalars.Of(1L), dtype: ScalarType.Int64, device: labels.device)
            .mul(Scalars.Of((long)labelCount)).reshape(batch, 1);
        Tensor places = labels.reshape(batch, -1).to_type(ScalarType.Int64).Plus(firsts).reshape(-1);
        Tensor counts = places.bincount(null, batch * labelCount);
        Tensor means = places.bincount(image.reshape(-1).to_type(ScalarType.Float64), batch * labelCount).div(counts);
        Tensor ordered = means.masked_fill(counts.eq(Scalars.Of(0L)), Scalars.Of(double.PositiveInfinity)).reshape(batch, labelCount);
        Tensor ranks = ordered.argsort(1).argsort(1).to_type(ScalarType.Byte).reshape(-1);
        return ranks.index_select(0, places).reshape(labels.shape).MoveToOuterDisposeScope();
    }

    private static int[] KindsOf(ObjectiveContext context, int mapLabels) =>
        LabelKinds.Of(context.Recipe.Anatomy, context.Recipe.Appearance, context.Shape, mapLabels);

    private static byte[] Numbered(int[] kinds)
    {
        int[] lowest = [.. kinds.Distinct().Order()];
        return [.. kinds.Select(kind => (byte)Array.IndexOf(lowest, kind))];
    }

    // Of label maps as many labels as leave no other number of labels in all; their labels come first, and mean something.
    private byte[] Table(int labelCount) => classes ??= Numbered(
        Enumerable.Range(0, labelCount + 1).Reverse().Select(ofMaps => KindsOf(context, ofMaps)).First(kinds => kinds.Length == labelCount));
}
