using GpuSynth.Kernels;
using static GpuSynth.Recipes.Recipe;

namespace GpuSynth.Recipes;

/// <summary>
/// A recipe as flat pairs of path and value, sections included: the form between the records, the table of keys and the YAML
/// text.
/// </summary>
internal sealed class RecipeValues
{
    private readonly Dictionary<string, (object? Value, int Line)> entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> misread = new(StringComparer.Ordinal);

    /// <summary>"noise" or "labelMap"; null until it is known.</summary>
    public string? AnatomyKind { get; set; }

    /// <summary>The line on which the recipe begins; 0 for one built in code.</summary>
    public int FirstLine { get; init; }

    /// <summary>Whether a key stands in the recipe and could be read.</summary>
    public bool Has(string path) => entries.ContainsKey(path);

    /// <summary>The value at a path, or null.</summary>
    public object? this[string path] => entries.TryGetValue(path, out (object? Value, int Line) entry) ? entry.Value : null;

    /// <summary>Sets a value and the line that it stands on; a section has no value.</summary>
    public void Set(string path, object? value = null, int line = 0) => entries[path] = (value, line);

    /// <summary>Notes that something stands at a path that could not be read, so that it is not called missing as well.</summary>
    public void SetMisread(string path) => misread.Add(path);

    /// <summary>The values of a recipe that may still be wrong; what is null and must not be is a mistake.</summary>
    public static RecipeValues Of(Parts recipe, List<RecipeMistake> mistakes)
    {
        RecipeValues values = new()
        {
            AnatomyKind = recipe.Anatomy is LabelMapAnatomy ? RecipeKeys.LabelMap : RecipeKeys.Noise,
        };
        Put("name", recipe.Name);
        Put("dimensions", recipe.Dimensions);
        if (recipe.Anatomy is NoiseAnatomy noise)
        {
            values.Set("anatomy");
            Put("anatomy.kind", RecipeKeys.Noise);
            Put("anatomy.labels", noise.Labels);
            PutSection("anatomy.field", noise.Field, [("scales", noise.Field?.Scales), ("std", noise.Field?.Std)]);
            PutGrids("anatomy.displacement", noise.Displacement);
        }
        else if (recipe.Anatomy is LabelMapAnatomy maps)
        {
            values.Set("anatomy");
            Put("anatomy.kind", RecipeKeys.LabelMap);
            Put("anatomy.rotationDegrees", maps.RotationDegrees);
            Put("anatomy.scaling", maps.Scaling);
            Put("anatomy.shear", maps.Shear);
            Put("anatomy.translationOfSide", maps.TranslationOfSide);
            Put("anatomy.flip", maps.Flip);
            Put("anatomy.lateralPairs", maps.LateralPairs);
            PutGrids("anatomy.deformation", maps.Deformation);
            Put("anatomy.voxelSpacingMillimetres", maps.VoxelSpacingMillimetres);
            Put("anatomy.remap", maps.Remap);
        }

        PutSection("contrast", recipe.Contrast, [("mean", recipe.Contrast?.Mean)]);
        PutSection("bias", recipe.Bias,
            [("std", recipe.Bias?.Std), ("fwhmVoxels", recipe.Bias?.FwhmVoxels), ("taps", recipe.Bias?.Taps)]);
        PutSection("noise", recipe.Noise, [("stdOfMaximum", recipe.Noise?.StdOfMaximum)]);
        PutSection("blur", recipe.Blur, [("sigmaVoxels", recipe.Blur?.SigmaVoxels), ("taps", recipe.Blur?.Taps)]);
        PutSection("normalise", recipe.Normalise, [("epsilon", recipe.Normalise?.Epsilon)]);
        PutSection("gamma", recipe.Gamma, [("exponent", recipe.Gamma?.Exponent)]);
        values.CheckPresence(mistakes, defaultsStand: true);
        return values;

        void Put(string path, object? value)
        {
            if (value is not null)
            {
                values.Set(path, value);
            }
        }

        void PutSection(string path, object? stage, ReadOnlySpan<(string Name, object? Value)> fields)
        {
            if (stage is null)
            {
                return;
            }

            values.Set(path);
            foreach ((string name, object? value) in fields)
            {
                Put($"{path}.{name}", value);
            }
        }

        void PutGrids(string path, ShiftGrids? grids) =>
            PutSection(path, grids, [("scales", grids?.Scales), ("stdOfSide", grids?.StdOfSide)]);
    }

    /// <summary>The values of a recipe, which is right because it exists.</summary>
    public static RecipeValues Of(Recipe recipe) => Of(
        new Parts(
            recipe.Name, recipe.Dimensions, recipe.Anatomy, recipe.Contrast, recipe.Bias, recipe.Noise, recipe.Blur,
            recipe.Normalise, recipe.Gamma),
        []);

    /// <summary>The recipe that these values say; they have been checked.</summary>
    public Recipe Build() => new(
        Get<string>("name"),
        Get<int>("dimensions"),
        AnatomyKind == RecipeKeys.LabelMap ? BuildLabelMaps() : BuildNoise(),
        new Contrast(Get<Law>("contrast.mean")),
        Has("bias") ? new Bias(Get<Law>("bias.std"), Get<Law>("bias.fwhmVoxels"), Get<int>("bias.taps")) : null,
        Has("noise") ? new Noise(Get<Law>("noise.stdOfMaximum")) : null,
        Has("blur") ? new Blur(Get<Law>("blur.sigmaVoxels"), Get<int>("blur.taps")) : null,
        Has("normalise") ? new Normalise(Get<double>("normalise.epsilon")) : null,
        Has("gamma") ? new Gamma(Get<Law>("gamma.exponent")) : null);

    /// <summary>Adds a mistake for every value outside its range, and for stages that do not go together.</summary>
    public void Check(List<RecipeMistake> mistakes)
    {
        foreach ((string path, (object? value, int line)) in entries)
        {
            RecipeKey key = RecipeKeys.Find(path, AnatomyKind)!;
            if (value is null || key.Kind == RecipeValueKind.AnatomyKind)
            {
                continue;
            }

            foreach ((string item, string complaint) in key.Complaints(value))
            {
                string full = $"{complaint} (allowed: {key.Allowed})";
                mistakes.Add(RecipeMistake.At(line, path + item, RecipeText.Shortened($"{value}"), key.Allowed, full));
            }
        }

        if (Has("gamma") && !Stands("normalise"))
        {
            mistakes.Add(RecipeMistake.At(entries["gamma"].Line, "gamma", "", "beside normalise",
                "needs normalise, for a power of a negative intensity is not a number; "
                + "add normalise: { epsilon: 1e-6 } or take gamma away"));
        }
    }

    /// <summary>Adds a mistake for every key that is missing from a section that is there.</summary>
    /// <param name="mistakes">Takes the mistakes.</param>
    /// <param name="defaultsStand">
    /// Whether a key that has a default must stand all the same, as in a recipe built in code.
    /// </param>
    public void CheckPresence(List<RecipeMistake> mistakes, bool defaultsStand)
    {
        foreach (RecipeKey key in RecipeKeys.All)
        {
            bool applies = key.AnatomyKind is null || key.AnatomyKind == AnatomyKind;
            bool required = key.Required || (defaultsStand && key.Default is not null);
            bool sectionStands = key.Parent.Length == 0 || Has(key.Parent);
            if (applies && required && sectionStands && !Stands(key.Path))
            {
                int line = key.Parent.Length == 0 ? FirstLine : entries[key.Parent].Line;
                mistakes.Add(RecipeMistake.At(line, key.Path, "", key.Allowed, $"is missing (allowed: {key.Allowed})"));
            }
        }
    }

    private bool Stands(string path) => Has(path) || misread.Contains(path);

    private NoiseAnatomy BuildNoise() => new(
        Get<SideMeasure>("anatomy.labels"),
        new NoiseGrids(Get<ValueList<SideMeasure>>("anatomy.field.scales"), Get<Law>("anatomy.field.std")),
        Has("anatomy.displacement") ? BuildGrids("anatomy.displacement") : null);

    private LabelMapAnatomy BuildLabelMaps() => new(
        LawOrDefault("anatomy.rotationDegrees"),
        LawOrDefault("anatomy.scaling"),
        LawOrDefault("anatomy.shear"),
        LawOrDefault("anatomy.translationOfSide"),
        LawOrDefault("anatomy.flip"),
        Has("anatomy.deformation") ? BuildGrids("anatomy.deformation") : null,
        (Law?)this["anatomy.voxelSpacingMillimetres"],
        (ValueList<LabelGroup>?)this["anatomy.remap"],
        (LateralPairs?)this["anatomy.lateralPairs"]);

    private ShiftGrids BuildGrids(string path) =>
        new(Get<ValueList<SideMeasure>>($"{path}.scales"), Get<Law>($"{path}.stdOfSide"));

    private Law LawOrDefault(string path) => (Law?)this[path] ?? new FixedLaw(RecipeKeys.Find(path, AnatomyKind)!.Default!.Value);

    private T Get<T>(string path) => (T)this[path]!;
}
