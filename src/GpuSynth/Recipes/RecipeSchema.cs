using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// The JSON schema (draft 2020-12) of a recipe, for editors that complete and check YAML. Made from the declarations that the reader
/// follows; the reader goes further only where a schema cannot, as in ends that are in order.
/// </summary>
public static class RecipeSchema
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as indented JSON, lines ending in "\n".</summary>
    /// <param name="components">The components that a recipe may name; null: the engine's own.</param>
    public static string ToJson(ComponentCatalogue? components = null)
    {
        ComponentCatalogue catalogue = components ?? ComponentCatalogue.Own;
        JsonObject properties = new()
        {
            [Recipe.NameKey.Name] = Recipe.NameKey.Schema(),
            [Recipe.DimensionsKey.Name] = Recipe.DimensionsKey.Schema(),
            [RecipeRules.KeyOf(isAnatomy: true)] = Anatomy(catalogue),
            [RecipeRules.KeyOf(isAnatomy: false)] = List(
                catalogue, isAnatomy: false, "What makes intensities of labels and changes them, in the order of application."),
        };
        JsonObject needs = [];
        foreach (string stage in FlatForm.Stages)
        {
            properties[stage] = JsonSchema.Reference(stage);
            needs[stage] = new JsonArray(FlatForm.Stages[0]);
        }

        needs["gamma"] = new JsonArray(FlatForm.Stages[0], "normalise");
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "GpuSynth recipe",
            ["description"] =
                "What to draw: a family of synthetic images or volumes with their labels, as two lists of components in the order of "
                + "application. The form of before is read too: an anatomy of a kind, and stages at the root; one that is absent is off.",
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray(Recipe.NameKey.Name, Recipe.DimensionsKey.Name, RecipeRules.KeyOf(isAnatomy: true)),
            ["additionalProperties"] = false,
            ["oneOf"] = new JsonArray(Requires(RecipeRules.KeyOf(isAnatomy: false)), Requires(FlatForm.Stages[0])),
            ["dependentRequired"] = needs,
            ["$defs"] = Definitions(catalogue),
        };
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Requires(string key) => new() { ["required"] = new JsonArray(key) };

    // An anatomy of a kind has the keys of its component beside that of its kind.
    private static JsonObject Anatomy(ComponentCatalogue catalogue) => new()
    {
        ["description"] = "Where the labels come from: each anatomy paints over those before it. The first is in every sample.",
        ["oneOf"] = new JsonArray(
        [
            List(catalogue, isAnatomy: true),
            .. FlatForm.Anatomies.Select(one =>
            {
                JsonObject kind = RecipeSection.Of(catalogue.Types[one.Component]).SchemaOfKind(one.Kind);
                kind["properties"]![FlatForm.Kind]!["description"] = SaysOf(catalogue.Types[one.Component]);
                return kind;
            }),
        ]),
    };

    private static JsonObject List(ComponentCatalogue catalogue, bool isAnatomy, string? says = null)
    {
        JsonObject schema = JsonSchema.List(Entry(catalogue, isAnatomy, isAlwaysIn: false), 1, null);
        if (isAnatomy)
        {
            schema["prefixItems"] = new JsonArray(Entry(catalogue, isAnatomy, isAlwaysIn: true));
        }

        if (says is not null)
        {
            schema.Insert(0, "description", says);
        }

        return schema;
    }

    private static JsonObject Entry(ComponentCatalogue catalogue, bool isAnatomy, bool isAlwaysIn)
    {
        JsonArray entries = [];
        foreach (string name in catalogue.Names(isAnatomy))
        {
            if (RecipeSection.Of(catalogue.Types[name]).MayBeEmpty)
            {
                entries.Add(new JsonObject { ["const"] = name });
            }

            JsonObject component = JsonSchema.Reference(name);
            if (isAlwaysIn)
            {
                component["properties"] = new JsonObject
                {
                    [RecipeSection.ChanceKey.Name] = RecipeSection.AlwaysIn(),
                    [RecipeSection.InsideKey.Name] = RecipeSection.Never(),
                };
            }

            entries.Add(JsonSchema.Mapping((name, component, true)));
        }

        return new JsonObject { ["oneOf"] = entries };
    }

    private static JsonObject Definitions(ComponentCatalogue catalogue)
    {
        JsonObject definitions = [];
        foreach ((string name, Type type) in catalogue.Types.OrderBy(static found => found.Key, StringComparer.Ordinal))
        {
            RecipeSection section = RecipeSection.Of(type);
            JsonObject schema = section.Schema();
            schema.Insert(0, "description", SaysOf(type));
            definitions[name] = schema;
            foreach ((_, RecipeKey key, _) in section.All().Where(static one => one.Key.IsLaw))
            {
                foreach ((string law, JsonObject forms) in LawForms.Definitions(key.Bounds))
                {
                    definitions.TryAdd(law, forms);
                }
            }
        }

        return definitions;
    }

    private static string SaysOf(Type component) => ComponentCatalogue.DeclarationOf(component).Says;
}
