using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Gives the place in its label map that a voxel came from, along z, y, x, -1 at the first and 1 at the last voxels of the map: the mean of what it is
/// off, over voxels that lie in the map. Of a body whose sides were exchanged it is the place in the exchanged body, as its labels are. Images that are
/// slices of volumes have three places too: how deep they lie is one of them. Of images of images it is 0 along z, which counts nowhere.
/// </summary>
/// <remarks>
/// The places are label maps (<see cref="LabelMapSet.PlacesAlong"/>) that the recipe's anatomies pose and deform as they do the run's, one axis each,
/// in <see cref="LabelMapSet.PlaceSteps"/> steps of the map's side.
/// </remarks>
internal sealed class CoordinateTask : VoxelTask
{
    private const int Axes = 3;
    private const int Width = 2;
    private const double Half = (LabelMapSet.PlaceSteps - 1) / 2.0;

    private readonly ObjectiveView[] places;

    private CoordinateTask(Recipe recipe)
        : base("coordinates") => places =
    [
        .. Enumerable.Range(0, Axes).Select(axis => ObjectiveView.Sample with
        {
            Recipe = new ViewRecipe(Along(recipe, axis), maps => maps.PlacesAlong(axis, recipe.Dimensions == 2)),
        }),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views => places;

    /// <summary>
    /// The task of a recipe; null where a voxel's label may come from elsewhere than a label map: from an anatomy that covers it, in some samples or all.
    /// </summary>
    public static CoordinateTask? Of(Recipe recipe)
    {
        IAnatomyComponent[] all = [.. recipe.Anatomy.Cast<IAnatomyComponent>()];
        int first = Array.FindLastIndex(all, static one => one is { Hides: true } and Component { Chance: >= 1 });
        return first >= 0 && all.Skip(first).Where(static one => one.Hides).All(static one => one is LabelMapAnatomy)
            ? new CoordinateTask(recipe)
            : null;
    }

    /// <inheritdoc/>
    public override int Outputs(int labelCount) => Axes;

    /// <inheritdoc/>
    public override double Backward(ObjectiveStep step, Tensor output)
    {
        (Tensor target, Tensor isKnown) = Target(step);
        Tensor count = isKnown.sum().clamp_min(Scalars.Of(1L));
        return step.Backward(output.sub(target).abs().mul(isKnown).sum().div(count));
    }

    /// <summary>The places [B, 3, (D,) H, W] in float32, and whether they are known, uint8 of the same shape.</summary>
    internal (Tensor Places, Tensor AreKnown) Target(ObjectiveStep step)
    {
        Tensor steps = stack([.. places.Select(step.Labels)], 1);
        Tensor target = steps.to_type(ScalarType.Float32).sub(Scalars.Of(1 + Half)).div(Scalars.Of(Half));
        return (target, steps.ne(Scalars.Of(0L)).to_type(ScalarType.Byte));
    }

    // What poses and deforms the maps, and nothing that paints over them or renames what they hold.
    private static Recipe Along(Recipe recipe, int axis)
    {
        // An exchange of sides turns the width around.
        LateralPairs pairs = axis == Width
            ? LateralPairs.Of([.. Enumerable.Range(1, (int)Half).Select(static step => new LabelPair(step, LabelMapSet.PlaceSteps + 1 - step))])
            : LateralPairs.None;
        return new Recipe(
            "places",
            recipe.Dimensions,
            [
                .. recipe.Anatomy.Where(static one => one is LabelMapAnatomy { Inside: null } or Deformation).Select(one => one is LabelMapAnatomy map
                    ? map with { Remap = null, Classes = TissueClasses.None, LateralPairs = map.LateralPairs is null ? null : pairs }
                    : one),
            ],
            [new Contrast(1)]);
    }
}
