using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// What to draw: the whole description of a family of synthetic samples, as two lists of components in the order of application. One
/// component may stand twice. Immutable, and checked whenever one is built, by the constructor, a <c>with</c> expression or YAML: a wrong
/// recipe does not exist. Recipes that say the same are equal.
/// </summary>
public sealed record Recipe
{
    internal static readonly RecipeKey NameKey = new(typeof(Recipe).GetProperty(nameof(Name))!);
    internal static readonly RecipeKey DimensionsKey = new(typeof(Recipe).GetProperty(nameof(Dimensions))!);

    private readonly Parts parts;

    /// <summary>Builds and checks a recipe.</summary>
    /// <param name="name">A short name on one line.</param>
    /// <param name="dimensions">2 for images, 3 for volumes.</param>
    /// <param name="anatomy">Where the labels come from.</param>
    /// <param name="appearance">What makes intensities of labels, a <see cref="Contrast"/>, and what then happens to them.</param>
    /// <exception cref="RecipeException">
    /// Something is missing or outside its range, or components do not go together; the exception lists everything that is wrong.
    /// </exception>
    public Recipe(string name, int dimensions, ValueList<Component> anatomy, ValueList<Component> appearance) =>
        parts = Checked(new Parts(name, dimensions, anatomy, appearance));

    /// <summary>A short name on one line.</summary>
    [Allowed(1, 100, Says = "Name of the recipe, on one line.")]
    public string Name { get => parts.Name; init => parts = Checked(parts with { Name = value }); }

    /// <summary>2 for images, 3 for volumes.</summary>
    [Allowed(2, 3, Says = "2 for images, 3 for volumes.")]
    public int Dimensions { get => parts.Dimensions; init => parts = Checked(parts with { Dimensions = value }); }

    /// <summary>Where the labels come from, in the order of application.</summary>
    public ValueList<Component> Anatomy { get => parts.Anatomy; init => parts = Checked(parts with { Anatomy = value }); }

    /// <summary>What makes intensities of the labels and changes them, in the order of application.</summary>
    public ValueList<Component> Appearance { get => parts.Appearance; init => parts = Checked(parts with { Appearance = value }); }

    /// <summary>Everything that a sample is drawn by, in the order of application: anatomy, then appearance.</summary>
    public IEnumerable<Component> Components => Anatomy.Concat(Appearance);

    /// <summary>The first component of a kind; null where there is none.</summary>
    public T? Find<T>()
        where T : Component => First<T>(Anatomy) ?? First<T>(Appearance);

    /// <summary>
    /// The recipe with a component in the place of the first of its kind. Where there is none it is put in: a stage of RaSD where RaSD has it,
    /// another at the end.
    /// </summary>
    /// <exception cref="RecipeException">The recipe would be wrong.</exception>
    public Recipe With(Component component)
    {
        ArgumentNullException.ThrowIfNull(component);
        List<Component> list = [.. component.IsAnatomy ? Anatomy : Appearance];
        int at = list.FindIndex(one => one.GetType() == component.GetType());
        if (at >= 0)
        {
            list[at] = component;
        }
        else
        {
            int rank = FlatForm.Rank(component.Name);
            int behind = list.FindIndex(one => FlatForm.Rank(one.Name) > rank);
            list.Insert(behind < 0 ? list.Count : behind, component);
        }

        return component.IsAnatomy ? this with { Anatomy = [.. list] } : this with { Appearance = [.. list] };
    }

    /// <summary>The recipe without the components of a kind.</summary>
    /// <exception cref="RecipeException">The recipe would be wrong: a component needs what was taken away.</exception>
    public Recipe Without<T>()
        where T : Component => Find<T>() is null ? this : new Recipe(
            Name,
            Dimensions,
            [.. Anatomy.Where(static component => component is not T)],
            [.. Appearance.Where(static component => component is not T)]);

    /// <summary>Whether an anatomy draws from label maps.</summary>
    public bool NeedsLabelMaps => Anatomy.Any(static one => one is IAnatomyComponent { NeedsLabelMaps: true });

    /// <summary>
    /// The recipe without what takes away from an image: noise, blur, artefacts, bias fields. What is left draws as before: its sample of a key is the
    /// clean image of this recipe's sample of the same key.
    /// </summary>
    /// <exception cref="RecipeException">The recipe would be wrong: a component needs what was taken away.</exception>
    public Recipe Clean() => this with
    {
        Appearance = [.. Appearance.Where(static one => !ComponentCatalogue.DeclarationOf(one.GetType()).Degrades)],
    };

    /// <summary>
    /// The recipe for images that are given (<see cref="EngineOptions.AreImagesGiven"/>): what its appearance does to intensities, without what makes them of
    /// labels or looks at labels. Each component draws as it does here. The images are in the units of this recipe's intensities: 0 to 1 in most, HU in CT's.
    /// </summary>
    /// <exception cref="RecipeException">Nothing is left, or a component needs what was taken away.</exception>
    public Recipe OnImages()
    {
        Component[] left = [.. Appearance.Where(static one => !one.Begins && !ReadsLabels(one))];
        return left.Length > 0
            ? OnOnes(Name, Dimensions, left)
            : throw new RecipeException(Name, [RecipeMistake.At(0, "appearance", "", "a component that changes intensities", "makes intensities of labels and changes none: it has nothing to do to an image that is given")]);
    }

    /// <summary>What some components do to an image of intensity 1 everywhere, on the cheapest labels there are.</summary>
    internal static Recipe OnOnes(string name, int dimensions, IEnumerable<Component> components) => new(
        name,
        dimensions,
        [new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.SideOver(1)], Std: 0), Displacement: null)],
        [new Contrast(1), .. components]);

    /// <summary>Whether a component of an appearance looks at labels.</summary>
    internal static bool ReadsLabels(Component component) =>
        component is IChainComponent { ReadsLabels: true } or IStageComponent { ReadsLabels: true };

    /// <summary>
    /// The same recipe with the anatomy of the preset labelmap-3d: labels from real label maps instead of noise, of a recipe of images from images, or
    /// from axial slices of volumes. What the appearance says of labels of the anatomy that was, such as hounsfield's given, is left out, but of 0, the background:
    /// the maps' labels are others. A recipe that has a label-map anatomy already is returned as it is.
    /// </summary>
    public Recipe WithLabelMaps() =>
        Find<LabelMapAnatomy>() is not null ? this : this with
        {
            Anatomy = Presets.Get("labelmap-3d").Anatomy,
            Appearance = [.. Appearance.Select(static one => one.OnOtherLabels()).OfType<Component>()],
        };

    /// <summary>The recipe as YAML.</summary>
    public override string ToString() => RecipeYaml.Write(this);

    // Devices ask while they work: nothing is allocated.
    private static T? First<T>(ValueList<Component> list)
        where T : Component
    {
        foreach (Component component in list.AsSpan())
        {
            if (component is T found)
            {
                return found;
            }
        }

        return null;
    }

    private static Parts Checked(Parts parts)
    {
        RecipeMistake[] mistakes =
            [.. RecipeRules.Mistakes(parts.Name, parts.Dimensions, parts.Anatomy, parts.Appearance)];
        string source = string.IsNullOrWhiteSpace(parts.Name) ? "recipe" : $"recipe '{parts.Name}'";
        return mistakes.Length == 0 ? parts : throw new RecipeException(source, mistakes);
    }

    private readonly record struct Parts(
        string Name, int Dimensions, ValueList<Component> Anatomy, ValueList<Component> Appearance);
}
