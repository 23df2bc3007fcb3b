using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>The text form of a kind of law: a mapping with its name for a key and its parts below.</summary>
/// <param name="Name">The key.</param>
/// <param name="Place">The first place at which it may stand.</param>
/// <param name="Body">What is below the key.</param>
/// <param name="Apart">The parts of a law; null for a law of another kind.</param>
/// <param name="Build">The law that parts make.</param>
internal sealed record LawForm(string Name, LawPlace Place, ValuePart Body, Func<Law, object?> Apart, Func<object, Law> Build);

/// <summary>
/// Every kind of law, once: how it is read from YAML, written, and described in the JSON schema. A number by itself is fixed.
/// </summary>
internal static class LawForms
{
    private static readonly NumberPart Any = new(_ => JsonSchema.Number(null, null));
    private static readonly NumberPart Bounded = new(bounds => JsonSchema.Number(bounds.Minimum, bounds.Maximum));
    private static readonly NumberPart NotNegative = new(_ => JsonSchema.Number(0, null));
    private static readonly NumberPart AboveZero = new(_ => JsonSchema.AboveZero(null));
    private static readonly NumberPart Probability = new(_ => JsonSchema.Number(0, 1), "0 to 1");
    private static readonly NumberPart BoundedAboveZero = new(bounds => bounds.Minimum > 0
        ? JsonSchema.Number(bounds.Minimum, bounds.Maximum)
        : JsonSchema.AboveZero(bounds.Maximum));

    private static readonly LawForm[] All =
    [
        Form<FixedLaw, double>("fixed", Bounded, law => law.Value, value => new(value)),
        Form<UniformLaw, double[]>(
            "uniform", new ListPart<double>("[low, high]", Bounded, 2),
            law => [law.Low, law.High], ends => new(ends[0], ends[1])),
        Form<LogUniformLaw, double[]>(
            "logUniform", new ListPart<double>("[low, high], both above 0", BoundedAboveZero, 2),
            law => [law.Low, law.High], ends => new(ends[0], ends[1])),
        Form<NormalLaw, object?[]>(
            "normal", new FieldsPart(("mean", Any), ("std", NotNegative), ("min?", Any), ("max?", Any)),
            law => [law.Mean, law.Std, law.Min, law.Max],
            parts => new((double)parts[0]!, (double)parts[1]!, (double?)parts[2], (double?)parts[3])),
        Form<ChoiceLaw, double[]>(
            "choice", new ListPart<double>("a list of numbers", Bounded),
            law => [.. law.Values], values => new(ValueList.Create<double>(values))),
        Form<ChanceLaw, object?[]>(
            "chance",
            new FieldsPart(
                ("p", Probability),
                ("law", new InnerPart(LawPlace.Inside, law => new ChanceLaw(1, law, 0))),
                ("otherwise", Bounded)),
            law => [law.Probability, law.Inner, law.Otherwise],
            parts => new((double)parts[0]!, (Law)parts[1]!, (double)parts[2]!),
            LawPlace.Single),
        Form<IntegerLaw, int[]>(
            "integer",
            new ListPart<int>("[low, high], whole numbers", new WholePart(-IntegerLaw.Farthest, IntegerLaw.Farthest), 2),
            law => [law.Low, law.High], ends => new(ends[0], ends[1])),
        Form<LogNormalLaw, object?[]>(
            "logNormal", new FieldsPart(("median", AboveZero), ("sigma", NotNegative), ("min?", Any), ("max?", Any)),
            law => [law.Median, law.Sigma, law.Min, law.Max],
            parts => new((double)parts[0]!, (double)parts[1]!, (double?)parts[2], (double?)parts[3])),
        Form<OneOfLaw, WeightedLaw[]>(
            "oneOf",
            new ListPart<WeightedLaw>("a list of { weight, law }", new BuiltPart<WeightedLaw>(
                new FieldsPart(("weight", AboveZero), ("law", new InnerPart(LawPlace.Inside))),
                alternative => new object?[] { alternative.Weight, alternative.Law },
                parts => new((double)((object?[])parts)[0]!, (Law)((object?[])parts)[1]!))),
            law => [.. law.Alternatives], alternatives => new(ValueList.Create<WeightedLaw>(alternatives)),
            LawPlace.Single),
        Form<PerLabelLaw, Law[]>(
            "perLabel",
            new ListPart<Law>(
                "a list of laws, one per label; the last is every further label's",
                new InnerPart(LawPlace.Single, law => new PerLabelLaw([law]))),
            law => [.. law.Laws], laws => new(ValueList.Create<Law>(laws)),
            LawPlace.PerLabel),
    ];

    /// <summary>The forms at a place, in words: "a number or { fixed }, { uniform }, ...".</summary>
    public static string Names(LawPlace place) =>
        "a number or " + string.Join(", ", At(place).Select(form => $"{{ {form.Name} }}"));

    /// <summary>The name of a law's kind.</summary>
    public static string NameOf(Law law) => FormOf(law).Form.Name;

    /// <summary>The law at a node; null where there is none, which has been complained about. Its range is not checked.</summary>
    public static Law? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        string allowed = bounds.AllowedForms;
        if (node is YamlScalar { IsPlain: true, IsNothing: false })
        {
            return yaml.Number(node, path, allowed) is { } value ? new FixedLaw(value) : null;
        }

        if (node is YamlSequence { Items.Count: 2 })
        {
            yaml.Add(node, path, allowed, "a list is no law; for two ends write { uniform: [low, high] }");
            return null;
        }

        if (yaml.Mapping(node, path, allowed, "a law") is not { } mapping)
        {
            return null;
        }

        List<(string Name, int Line, YamlNode Node)> entries = yaml.Entries(path, mapping);
        if (entries.Count != 1)
        {
            // Where keys were dropped they have been complained about.
            if (entries.Count == mapping.Entries.Count)
            {
                string count = NumberText.Of(entries.Count);
                yaml.Add(node, path, allowed, $"a law is a mapping with one key, and here are {count} (allowed: {allowed})");
            }

            return null;
        }

        (string name, int line, YamlNode body) = entries[0];
        if (Array.Find(All, form => form.Name == name) is not { } found)
        {
            string[] known = [.. At(bounds.Place).Select(form => form.Name)];
            yaml.Add(line, Child(path, name), RecipeText.Shortened(name), allowed,
                $"unknown law; {Suggestion(name, known)}");
            return null;
        }

        // What is wrong with these numbers together is the law's own sentence.
        return found.Body.Read(yaml, body, $"{path}.{name}", bounds) is { } parts
            ? yaml.Built(() => found.Build(parts), line, path, name, allowed)
            : null;
    }

    /// <summary>The law as YAML on one line.</summary>
    public static string Write(Law law)
    {
        (LawForm form, object parts) = FormOf(law);
        string body = form.Body.Write(parts);
        return law is FixedLaw ? body : $"{{ {form.Name}: {body} }}";
    }

    /// <summary>The JSON schema of a law under a key's bounds: a reference to a definition that many share.</summary>
    public static JsonObject Reference(KeyBounds bounds) => JsonSchema.Reference(DefinitionOf(bounds));

    /// <summary>The definitions that the schemas under a key's bounds refer to: a law fits one of its forms.</summary>
    public static IEnumerable<(string Name, JsonObject Schema)> Definitions(KeyBounds bounds) =>
        Enum.GetValues<LawPlace>().Where(place => place <= bounds.Place).Select(place => bounds with { Place = place }).Select(
            inner => (DefinitionOf(inner), new JsonObject { ["oneOf"] = Schemas(inner) }));

    private static JsonArray Schemas(KeyBounds bounds) =>
    [
        Bounded.Schema(bounds),
        .. At(bounds.Place).Select(form => JsonSchema.Mapping((form.Name, form.Body.Schema(bounds), true))),
    ];

    private static string DefinitionOf(KeyBounds bounds)
    {
        string place = bounds.Place == LawPlace.Single ? "" : $"_{bounds.Place}";
        return $"law_{NumberText.Of(bounds.Minimum)}_{NumberText.Of(bounds.Maximum)}{place}";
    }

    private static IEnumerable<LawForm> At(LawPlace place) => All.Where(form => form.Place <= place);

    private static (LawForm Form, object Parts) FormOf(Law law)
    {
        foreach (LawForm form in All)
        {
            if (form.Apart(law) is { } parts)
            {
                return (form, parts);
            }
        }

        throw new InvalidOperationException($"No text for a {law.GetType().Name}.");
    }

    private static LawForm Form<TLaw, TParts>(
        string name, ValuePart body, Func<TLaw, TParts> apart, Func<TParts, TLaw> build, LawPlace place = LawPlace.Inside)
        where TLaw : Law
        where TParts : notnull =>
        new(name, place, body, law => law is TLaw own ? apart(own) : null, parts => build((TParts)parts));
}
