using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// What to draw: the whole description of a family of synthetic samples. A stage that is null is off. Immutable, and checked
/// whenever one is built, by the constructor, a <c>with</c> expression or YAML: a wrong recipe does not exist.
/// </summary>
public sealed record Recipe
{
    private readonly Parts parts;

    /// <summary>Builds and checks a recipe.</summary>
    /// <param name="name">A short name on one line.</param>
    /// <param name="dimensions">2 for images, 3 for volumes.</param>
    /// <param name="anatomy">Where the labels come from.</param>
    /// <param name="contrast">Mean intensities per label.</param>
    /// <param name="bias">Smooth multiplicative field, or null.</param>
    /// <param name="noise">White noise, or null.</param>
    /// <param name="blur">Gaussian blur, or null.</param>
    /// <param name="normalise">Intensities to 0 to 1, or null.</param>
    /// <param name="gamma">Gamma curve, or null; needs <paramref name="normalise"/>.</param>
    /// <exception cref="RecipeException">
    /// Something is missing or outside its range; the exception lists everything that is.
    /// </exception>
    public Recipe(
        string name,
        int dimensions,
        Component anatomy,
        Contrast contrast,
        Bias? bias,
        Noise? noise,
        Blur? blur,
        Normalise? normalise,
        Gamma? gamma) =>
        parts = Checked(new Parts(name, dimensions, anatomy, contrast, bias, noise, blur, normalise, gamma));

    /// <summary>A short name on one line.</summary>
    public string Name { get => parts.Name; init => parts = Checked(parts with { Name = value }); }

    /// <summary>2 for images, 3 for volumes.</summary>
    public int Dimensions { get => parts.Dimensions; init => parts = Checked(parts with { Dimensions = value }); }

    /// <summary>Where the labels come from.</summary>
    public Component Anatomy { get => parts.Anatomy; init => parts = Checked(parts with { Anatomy = value }); }

    /// <summary>Mean intensities per label.</summary>
    public Contrast Contrast { get => parts.Contrast; init => parts = Checked(parts with { Contrast = value }); }

    /// <summary>Smooth multiplicative field; null: off.</summary>
    public Bias? Bias { get => parts.Bias; init => parts = Checked(parts with { Bias = value }); }

    /// <summary>White noise; null: off.</summary>
    public Noise? Noise { get => parts.Noise; init => parts = Checked(parts with { Noise = value }); }

    /// <summary>Gaussian blur; null: off.</summary>
    public Blur? Blur { get => parts.Blur; init => parts = Checked(parts with { Blur = value }); }

    /// <summary>Intensities to 0 to 1; null: off, and then <see cref="Gamma"/> must be off before it.</summary>
    public Normalise? Normalise { get => parts.Normalise; init => parts = Checked(parts with { Normalise = value }); }

    /// <summary>Gamma curve; null: off.</summary>
    public Gamma? Gamma { get => parts.Gamma; init => parts = Checked(parts with { Gamma = value }); }

    /// <summary>
    /// The same recipe with the anatomy of the preset labelmap-3d: labels from real label maps instead of noise. A recipe that
    /// has a label-map anatomy already is returned as it is.
    /// </summary>
    /// <exception cref="GpuSynthException">The recipe makes 2D images; the label maps are volumes.</exception>
    public Recipe WithLabelMaps()
    {
        if (Anatomy is LabelMapAnatomy)
        {
            return this;
        }

        return Dimensions == 3
            ? this with { Anatomy = Presets.Get("labelmap-3d").Anatomy }
            : throw new GpuSynthException(
                $"recipe '{Name}' makes 2D images, and label maps are volumes; take a 3D recipe, for example --preset rasd-3d");
    }

    /// <summary>Everything that a sample is drawn by, in the order of application.</summary>
    public IEnumerable<Component> Components =>
        new Component?[] { Anatomy, Contrast, Bias, Noise, Blur, Normalise, Gamma }.OfType<Component>();

    /// <summary>The recipe as YAML.</summary>
    public override string ToString() => RecipeYaml.Write(this);

    private static Parts Checked(Parts parts)
    {
        List<RecipeMistake> mistakes = [];
        RecipeValues values = RecipeValues.Of(parts, mistakes);
        values.Check(mistakes);
        string source = string.IsNullOrWhiteSpace(parts.Name) ? "recipe" : $"recipe '{parts.Name}'";
        return mistakes.Count == 0 ? parts : throw new RecipeException(source, mistakes);
    }

    /// <summary>The stages, checked or not yet: what a constructor or a <c>with</c> expression has put together.</summary>
    internal readonly record struct Parts(
        string Name,
        int Dimensions,
        Component Anatomy,
        Contrast Contrast,
        Bias? Bias,
        Noise? Noise,
        Blur? Blur,
        Normalise? Normalise,
        Gamma? Gamma);
}
