using GpuSynth.Kernels;
using GpuSynth.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Gives the logarithm of the bias fields that the sample was multiplied by, its mean over the sample 0: the mean square of what it is off. In an image of
/// intensity 1 everywhere that has only the recipe's bias fields, the sample of the same key is the fields' product.
/// </summary>
internal sealed class BiasTask : VoxelTask
{
    // Below what any field multiplies by; a spline may come near 0.
    private const double Least = 1e-6;

    private readonly ObjectiveView fields;

    private BiasTask(Recipe recipe)
        : base("bias") => fields = ObjectiveView.Sample with { Recipe = new ViewRecipe(recipe) };

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views => [fields];

    /// <summary>The task of a recipe; null where it has no bias field.</summary>
    public static BiasTask? Of(Recipe recipe)
    {
        Component[] fields = [.. recipe.Appearance.Where(static one => one is Bias or BiasLegendre or BiasSpline)];
        return fields.Length == 0 ? null : new BiasTask(Recipe.OnOnes("bias fields", recipe.Dimensions, fields));
    }

    /// <inheritdoc/>
    public override double Backward(ObjectiveStep step, Tensor output) => step.Backward(output.sub(Logarithms(step)).Squared().mean());

    /// <summary>The logarithms of the fields: [B, 1, (D,) H, W], float32.</summary>
    internal Tensor Logarithms(ObjectiveStep step)
    {
        Tensor logarithms = step.Image(fields).clamp_min(Scalars.Of(Least)).log();
        return logarithms.sub(logarithms.mean(InputScale.AxesOf(logarithms), keepdim: true));
    }
}
