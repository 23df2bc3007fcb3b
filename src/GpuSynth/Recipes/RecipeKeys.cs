using System.Globalization;
using System.Text;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>What stands at a key.</summary>
internal enum RecipeValueKind
{
    /// <summary>A mapping with keys of its own.</summary>
    Section,

    /// <summary>"noise" or "labelMap".</summary>
    AnatomyKind,

    /// <summary>A line of text (string).</summary>
    Text,

    /// <summary>A whole number (int).</summary>
    Integer,

    /// <summary>A number (double).</summary>
    Number,

    /// <summary>A <see cref="Kernels.Law"/>.</summary>
    Law,

    /// <summary>A <see cref="SideMeasure"/>.</summary>
    Measure,

    /// <summary>A list of <see cref="SideMeasure"/>.</summary>
    Measures,

    /// <summary>A list of <see cref="LabelGroup"/>.</summary>
    LabelGroups,

    /// <summary><see cref="Kernels.LateralPairs"/>.</summary>
    LateralPairs,
}

/// <summary>One key of a recipe: what stands there, what may, and what it means.</summary>
/// <param name="Path">Dotted path from the root.</param>
/// <param name="Kind">What stands there.</param>
/// <param name="Minimum">The smallest number allowed; of a law, everything it can give.</param>
/// <param name="Maximum">The largest number allowed.</param>
/// <param name="Unit">Unit of the number; empty where it has none.</param>
/// <param name="Description">What it means, for people and for editors.</param>
internal sealed record RecipeKey(
    string Path, RecipeValueKind Kind, double Minimum, double Maximum, string Unit, string Description)
{
    /// <summary>Whether the section must have it.</summary>
    public bool Required { get; init; } = true;

    /// <summary>Whether the number must be odd.</summary>
    public bool Odd { get; init; }

    /// <summary>Whether the number is drawn per label, so that a law may be a list per label.</summary>
    public bool PerLabel { get; init; }

    /// <summary>What an optional law is where it stands nowhere; null: nothing.</summary>
    public double? Default { get; init; }

    /// <summary>The kind of anatomy that has this key; null: every recipe.</summary>
    public string? AnatomyKind { get; init; }

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>The path without its last part; empty at the root.</summary>
    public string Parent => Path.Contains('.', StringComparison.Ordinal) ? Path[..Path.LastIndexOf('.')] : "";

    /// <summary>What may stand there, in words: "0 to 4", "odd, 1 to 31 voxels".</summary>
    public string Allowed => Kind switch
    {
        RecipeValueKind.Section => $"a mapping with the keys {RecipeKeys.Names(Path, AnatomyKind)}",
        RecipeValueKind.AnatomyKind => "noise or labelMap",
        RecipeValueKind.Text => $"one line of 1 to {Format(Maximum)} characters",
        RecipeValueKind.Measure or RecipeValueKind.Measures =>
            $"{Range}, or side/1 to side/{NumberText.Of(RecipeKeys.MaximumDivisor)}",
        RecipeValueKind.LabelGroups => "a list of { label: 0 to 255, values: [whole numbers] }",
        RecipeValueKind.LateralPairs =>
            $"{LateralPairs.FreeSurferName}, or a list of [left, right] of stored values; [] where no value has a side",
        _ => Range,
    };

    /// <summary>What the key asks of its law.</summary>
    public LawBounds Bounds => new(Minimum, Maximum, Allowed, PerLabel ? LawPlace.PerLabel : LawPlace.Single);

    private string Range =>
        (Odd ? "odd, " : "") + $"{Format(Minimum)} to {Format(Maximum)}" + (Unit.Length > 0 ? " " + Unit : "");

    private static string Format(double value) => NumberText.Of(value);

    /// <summary>What is wrong with a value, as pairs of (what follows the path, complaint); nothing where it is right.</summary>
    public IEnumerable<(string Item, string Complaint)> Complaints(object value) => value switch
    {
        string text => Single(ComplaintOfText(text)),
        int number => Single(ComplaintOfNumber(number) ?? (Odd && number % 2 == 0 ? $"{Format(number)} is even" : null)),
        double number => Single(double.IsFinite(number) ? ComplaintOfNumber(number) : $"{Format(number)} is not a finite number"),
        Law law => Bounds.Complaints(law),
        SideMeasure measure => Single(ComplaintOfMeasure(measure)),
        ValueList<SideMeasure> measures => ComplaintsOfMeasures(measures),
        ValueList<LabelGroup> groups => ComplaintsOfGroups(groups),
        LateralPairs pairs => ComplaintsOfPairs(pairs),
        _ => throw new InvalidOperationException($"No rule for a {value.GetType().Name} at {Path}."),
    };

    private static IEnumerable<(string Item, string Complaint)> Single(string? complaint) =>
        complaint is null ? [] : [("", complaint)];

    private string? ComplaintOfText(string text) =>
        string.IsNullOrWhiteSpace(text) ? "is empty"
        : text.Length > Maximum ? $"{Format(text.Length)} characters > {Format(Maximum)} maximum"
        : text.EnumerateRunes().Any(IsUnprintable) ? "holds a line break or another character that cannot be shown"
        : null;

    // What YAML may fold, drop or refuse; U+FFFD is what broken text turns into.
    private static bool IsUnprintable(Rune letter) => letter == Rune.ReplacementChar || Rune.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;

    private string? ComplaintOfNumber(double number) =>
        number < Minimum ? $"{Format(number)} < {Format(Minimum)} minimum"
        : number > Maximum ? $"{Format(number)} > {Format(Maximum)} maximum"
        : null;

    private string? ComplaintOfMeasure(SideMeasure measure) =>
        !measure.FollowsSide ? ComplaintOfNumber(measure.Whole)
        : measure.Divisor > RecipeKeys.MaximumDivisor
            ? $"{measure}: the divisor {Format(measure.Divisor)} > {Format(RecipeKeys.MaximumDivisor)} maximum"
            : null;

    private IEnumerable<(string Item, string Complaint)> ComplaintsOfMeasures(ValueList<SideMeasure> measures)
    {
        if (measures.Count is < 1 or > RecipeKeys.MaximumScales)
        {
            yield return ("", $"{Format(measures.Count)} scales; 1 to {Format(RecipeKeys.MaximumScales)} are allowed");
        }

        for (int index = 0; index < measures.Count; index++)
        {
            if (ComplaintOfMeasure(measures[index]) is { } complaint)
            {
                yield return ($"[{Format(index)}]", complaint);
            }
        }
    }

    private static IEnumerable<(string Item, string Complaint)> ComplaintsOfPairs(LateralPairs pairs)
    {
        HashSet<int> values = [];
        for (int index = 0; index < pairs.Pairs.Count; index++)
        {
            foreach (int value in new[] { pairs.Pairs[index].Left, pairs.Pairs[index].Right })
            {
                if (!values.Add(value))
                {
                    yield return ($"[{Format(index)}]", $"value {Format(value)} stands there twice; a value has one partner");
                }
            }
        }
    }

    private IEnumerable<(string Item, string Complaint)> ComplaintsOfGroups(ValueList<LabelGroup> groups)
    {
        if (groups.Count == 0)
        {
            yield return ("", "is empty; take it away to keep the values of the maps in their order");
        }

        HashSet<int> labels = [];
        Dictionary<int, int> labelOfValue = [];
        for (int index = 0; index < groups.Count; index++)
        {
            LabelGroup? group = groups[index];
            string item = $"[{Format(index)}]";
            if (group?.Values is null)
            {
                yield return (item, "is missing");
                continue;
            }

            if (ComplaintOfNumber(group.Label) is { } complaint)
            {
                yield return (item + ".label", complaint);
            }
            else if (!labels.Add(group.Label))
            {
                yield return (item + ".label", $"label {Format(group.Label)} stands there twice; put its values into one list");
            }

            if (group.Values.Count == 0)
            {
                yield return (item + ".values", "is empty; give at least one stored value");
            }

            foreach (int value in group.Values)
            {
                if (!labelOfValue.TryAdd(value, group.Label))
                {
                    string owner = Format(labelOfValue[value]);
                    yield return (item + ".values", $"value {Format(value)} belongs to label {owner} already");
                }
            }
        }
    }
}

/// <summary>
/// Every key of a recipe, once: the reader, the checks, the complaints, the writer and the JSON schema all follow this table.
/// </summary>
internal static class RecipeKeys
{
    public const string Noise = "noise";
    public const string LabelMap = "labelMap";
    public const int MaximumDivisor = 4096;
    public const int MaximumScales = 8;

    /// <summary>All keys, sections before what is in them, in the order in which a recipe is written.</summary>
    public static readonly IReadOnlyList<RecipeKey> All =
    [
        new("name", RecipeValueKind.Text, 1, 100, "", "Name of the recipe, on one line."),
        new("dimensions", RecipeValueKind.Integer, 2, 3, "", "2 for images, 3 for volumes."),

        Section("anatomy", "Where the labels come from."),
        new("anatomy.kind", RecipeValueKind.AnatomyKind, 0, 0, "",
            "noise: labels drawn from noise fields (RaSD). labelMap: real label maps, deformed (SynthSeg)."),

        OfNoise(new("anatomy.labels", RecipeValueKind.Measure, 2, 255, "labels",
            "Number of labels, or side/N. RaSD: side/16 in 3D, side/32 in 2D.")),
        OfNoise(Section("anatomy.field",
            "Label fields, one per label; a voxel's label is the largest field (RaSD, steps 1 and 4).")),
        OfNoise(Scales("anatomy.field.scales")),
        OfNoise(new("anatomy.field.std", RecipeValueKind.Law, 0, 1000, "",
            "Standard deviation of the nodes, drawn once per scale. RaSD: uniform 0 to 1.")),
        OfNoise(Section("anatomy.displacement",
            "Displacement of each label's field (RaSD, steps 2 and 3); absent: none.", false)),
        OfNoise(Scales("anatomy.displacement.scales")),
        OfNoise(new("anatomy.displacement.stdOfSide", RecipeValueKind.Law, 0, 1, "of the side",
            "Standard deviation of the nodes as a fraction of the side, drawn once per scale. RaSD: uniform 0 to 0.0625.")),

        OfMaps(new("anatomy.rotationDegrees", RecipeValueKind.Law, -360, 360, "degrees",
            "Rotation about each axis, drawn independently; one angle in 2D.") { Required = false, Default = 0 }),
        OfMaps(new("anatomy.scaling", RecipeValueKind.Law, 0.1, 10, "",
            "Factor along each axis, drawn independently.") { Required = false, Default = 1 }),
        OfMaps(new("anatomy.shear", RecipeValueKind.Law, -1, 1, "",
            "Each off-diagonal entry of the shear matrix, drawn independently.") { Required = false, Default = 0 }),
        OfMaps(new("anatomy.translationOfSide", RecipeValueKind.Law, -1, 1, "of the side",
            "Shift along each axis as a fraction of the side, drawn independently.") { Required = false, Default = 0 }),
        OfMaps(new("anatomy.flip", RecipeValueKind.Law, 0, 1, "",
            "Left and right change places where the drawn number is at least 0.5, and the labels of lateralPairs with them; without "
            + "lateralPairs nothing is flipped.")
            { Required = false, Default = 0 }),
        OfMaps(new("anatomy.lateralPairs", RecipeValueKind.LateralPairs, 0, 0, "",
            "Stored values that are each other's on the other side of the body; absent: not known.") { Required = false }),
        OfMaps(Section("anatomy.deformation", "Smooth displacement shared by all labels; absent: none.", false)),
        OfMaps(Scales("anatomy.deformation.scales")),
        OfMaps(new("anatomy.deformation.stdOfSide", RecipeValueKind.Law, 0, 1, "of the side",
            "Standard deviation of the nodes as a fraction of the side, drawn once per scale.")),
        OfMaps(new("anatomy.voxelSpacingMillimetres", RecipeValueKind.Law, 0.01, 100, "mm",
            "Edge of an output voxel; absent: the map's field of view is fitted to the shape.") { Required = false }),
        OfMaps(new("anatomy.remap", RecipeValueKind.LabelGroups, 0, 255, "",
            "Which stored values become which label; absent: the sorted values of all maps become 0, 1, 2, ...")
            { Required = false }),

        Section("contrast", "Mean intensity per label (RaSD, step 5)."),
        new("contrast.mean", RecipeValueKind.Law, -1e6, 1e6, "",
            "Mean intensity, drawn per label; perLabel: the last law is every further label's too. RaSD: uniform 0 to 1.")
            { PerLabel = true },

        Section("bias", "Smooth multiplicative field (RaSD, step 6); absent: none.", false),
        new("bias.std", RecipeValueKind.Law, 0, 2, "",
            "Standard deviation of the field's white noise before its blur, drawn once. RaSD: uniform 0.01 to 0.1."),
        new("bias.fwhmVoxels", RecipeValueKind.Law, 1, 256, "voxels",
            "Full width at half maximum of the blur, drawn per axis; sigma = fwhm / 2.355. RaSD: uniform 16 to 32."),
        new("bias.taps", RecipeValueKind.Integer, 1, 511, "voxels", "Length of the blur's kernel. RaSD: 83.") { Odd = true },

        Section("noise", "White noise (RaSD, step 7); absent: none.", false),
        new("noise.stdOfMaximum", RecipeValueKind.Law, 0, 4, "",
            "Standard deviation as a fraction of the largest magnitude, drawn once. RaSD: uniform 0.05 to 0.4."),

        Section("blur", "Gaussian blur (RaSD, step 8); absent: none.", false),
        new("blur.sigmaVoxels", RecipeValueKind.Law, 0, 8, "voxels", "Sigma, drawn per axis. RaSD: uniform 0 to 1."),
        new("blur.taps", RecipeValueKind.Integer, 1, 31, "voxels", "Length of the kernel. RaSD: 7.") { Odd = true },

        Section("normalise", "Intensities to 0 to 1: (I - min) / (max - min + epsilon) (RaSD, step 9); absent: none.", false),
        new("normalise.epsilon", RecipeValueKind.Number, 0, 1, "", "Keeps a constant image finite. RaSD: 1e-6."),

        Section("gamma", "I to the power of the exponent (RaSD, step 10); needs normalise; absent: none.", false),
        new("gamma.exponent", RecipeValueKind.Law, 0.01, 10, "", "Exponent, drawn once. RaSD: uniform 0.5 to 1.5."),
    ];

    /// <summary>The keys directly in a section; "" is the root. Keys of the other kind of anatomy are left out.</summary>
    public static IEnumerable<RecipeKey> In(string section, string? anatomyKind) =>
        All.Where(key => key.Parent == section && (key.AnatomyKind is null || key.AnatomyKind == anatomyKind));

    /// <summary>The key at a path, or null.</summary>
    public static RecipeKey? Find(string path, string? anatomyKind) =>
        All.FirstOrDefault(key => key.Path == path && (key.AnatomyKind is null || key.AnatomyKind == anatomyKind));

    /// <summary>"std, fwhmVoxels, taps".</summary>
    public static string Names(string section, string? anatomyKind) =>
        string.Join(", ", In(section, anatomyKind).Select(key => key.Name));

    private static RecipeKey Section(string path, string description, bool required = true) =>
        new(path, RecipeValueKind.Section, 0, 0, "", description) { Required = required };

    private static RecipeKey Scales(string path) =>
        new(path, RecipeValueKind.Measures, 1, 4096, "voxels",
            "Distance of the grid nodes, one grid per entry: voxels or side/N.");

    private static RecipeKey OfNoise(RecipeKey key) => key with { AnatomyKind = Noise };

    private static RecipeKey OfMaps(RecipeKey key) => key with { AnatomyKind = LabelMap };
}
