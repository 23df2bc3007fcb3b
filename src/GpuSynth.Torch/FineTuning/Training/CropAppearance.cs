using System.Numerics.Tensors;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Torch.FineTuning;

/// <summary>That crops of real images are changed by what a recipe does to intensities: bias fields, noise, blur, artefacts of scanners.</summary>
/// <param name="Recipe">The recipe. Its intensities are 0 to 1, as crops are when it gets them; CT's HU are refused.</param>
/// <param name="Probability">Of a change, by channel.</param>
public sealed record AppearanceChange(Recipe Recipe, double Probability = AppearanceChange.UsualProbability)
{
    /// <summary>Half of the crops are changed where nothing is said.</summary>
    public const double UsualProbability = 0.5;

    /// <summary>What results depend on: the recipe by checksum.</summary>
    internal string Settings =>
        FormattableString.Invariant($"{Recipe.Name}, SHA-256 {Checksum.Sha256(Encoding.UTF8.GetBytes(RecipeYaml.Write(Recipe)))}, probability {Probability}");

    /// <summary>Whether a recipe's intensities are those that crops are given as.</summary>
    internal static bool Takes(Recipe recipe) => recipe.Appearance[0] is not Hounsfield;

    /// <summary>How crops are changed.</summary>
    /// <param name="seed">The arm's seed.</param>
    /// <param name="patch">Voxels of a crop.</param>
    /// <exception cref="GpuSynthException">The recipe does not fit crops.</exception>
    internal SynthesisPlan PlanOf(ulong seed, VolumeShape patch) => !Takes(Recipe)
        ? throw new GpuSynthException($"Recipe {Recipe.Name} has intensities in HU, and crops are given to it as 0 to 1; take another recipe (--appearance).")
        : SynthesisPlan.Create(new EngineOptions { Recipe = Recipe.OnImages(), Shape = patch, Seed = seed, Threads = 1, AreImagesGiven = true });
}

/// <summary>
/// Changes crops by a recipe: their values go to 0 to 1 by their own range, through the recipe's appearance, and back to the mean and the standard deviation
/// that they had. A function of the seed and the crop's number.
/// </summary>
internal sealed class CropAppearance(AppearanceChange change, ulong seed, VolumeShape patch) : IDisposable
{
    private readonly SynthesisEngine engine = new(change.PlanOf(seed, patch));
    private DrawnSample? drawn;

    /// <summary>Changes one channel of a crop, or leaves it as it is.</summary>
    /// <param name="values">[(D,) H, W].</param>
    /// <param name="number">Which of the arm's, from 0.</param>
    public void Apply(Span<float> values, long number)
    {
        var random = new PlaceRandom(seed, (ulong)number, PlaceRandom.CropAppearanceStream);
        (float least, float most) = (TensorPrimitives.Min<float>(values), TensorPrimitives.Max<float>(values));
        if (random.Uniform() >= change.Probability || most <= least)
        {
            return;
        }

        var before = Moments.Of(values);
        TensorPrimitives.Subtract(values, least, values);
        TensorPrimitives.Divide(values, most - least, values);
        engine.Augment(new SampleKey((ulong)number, (ulong)number), values, drawn ??= engine.CreateDrawn());
        before.GiveTo(values);
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();
}
