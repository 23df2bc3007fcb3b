using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// The JSON schema (draft 2020-12) of a recipe, for editors that complete and check YAML. Made from the table that the reader
/// follows; the reader goes further only where a schema cannot, as in ends that are in order.
/// </summary>
public static class RecipeSchema
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as indented JSON, lines ending in "\n".</summary>
    public static string ToJson()
    {
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "GpuSynth recipe",
            ["description"] =
                "What to draw: a family of synthetic images or volumes with their labels. A stage that is absent is off.",
        };
        AddKeys(schema, "", null);
        schema["dependentRequired"] = new JsonObject { ["gamma"] = new JsonArray("normalise") };
        return schema.ToJsonString(Indented) + "\n";
    }

    private static void AddKeys(JsonObject schema, string section, string? anatomyKind)
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach (RecipeKey key in RecipeKeys.In(section, anatomyKind))
        {
            properties[key.Name] = Of(key, anatomyKind);
            if (key.Required)
            {
                required.Add(key.Name);
            }
        }

        schema["type"] = "object";
        schema["properties"] = properties;
        schema["required"] = required;
        schema["additionalProperties"] = false;
    }

    private static JsonObject Of(RecipeKey key, string? anatomyKind)
    {
        JsonObject schema = new()
        {
            ["description"] = key.Kind is RecipeValueKind.Section or RecipeValueKind.AnatomyKind
                ? key.Description
                : $"{key.Description} Allowed: {key.Allowed}.",
        };
        switch (key.Kind)
        {
            case RecipeValueKind.Section when key.Path == "anatomy":
                schema["oneOf"] = new JsonArray(Anatomy(RecipeKeys.Noise), Anatomy(RecipeKeys.LabelMap));
                break;
            case RecipeValueKind.Section:
                AddKeys(schema, key.Path, anatomyKind);
                break;
            case RecipeValueKind.AnatomyKind:
                schema["const"] = anatomyKind;
                break;
            case RecipeValueKind.Text:
                schema["type"] = "string";
                schema["minLength"] = key.Minimum;
                schema["maxLength"] = key.Maximum;
                break;
            case RecipeValueKind.Integer:
                JsonSchema.AddNumber(schema, key.Minimum, key.Maximum, "integer");
                if (key.Odd)
                {
                    schema["not"] = new JsonObject { ["multipleOf"] = 2 };
                }

                break;
            case RecipeValueKind.Number:
                JsonSchema.AddNumber(schema, key.Minimum, key.Maximum);
                break;
            case RecipeValueKind.Law:
                schema["oneOf"] = LawForms.Schemas(key.Bounds);
                if (key.Default is { } value)
                {
                    schema["default"] = value;
                }

                break;
            case RecipeValueKind.Measure:
                schema["oneOf"] = Measure(key);
                break;
            case RecipeValueKind.Measures:
                schema["type"] = "array";
                schema["minItems"] = 1;
                schema["maxItems"] = RecipeKeys.MaximumScales;
                schema["items"] = new JsonObject { ["oneOf"] = Measure(key) };
                break;
            case RecipeValueKind.LabelGroups:
                schema["type"] = "array";
                schema["minItems"] = 1;
                schema["items"] = JsonSchema.Mapping(
                    ("label", Whole(key), true),
                    ("values", JsonSchema.List(new JsonObject { ["type"] = "integer" }, 1, null), true));
                break;
            case RecipeValueKind.LateralPairs:
                schema["oneOf"] = new JsonArray(
                    new JsonObject { ["const"] = LateralPairs.FreeSurferName },
                    new JsonObject
                    {
                        ["type"] = "array",
                        ["items"] = JsonSchema.List(new JsonObject { ["type"] = "integer" }, 2, 2),
                    });
                break;
            default:
                throw new InvalidOperationException($"No schema for {key.Kind}.");
        }

        return schema;
    }

    private static JsonObject Anatomy(string kind)
    {
        JsonObject schema = [];
        AddKeys(schema, "anatomy", kind);
        return schema;
    }

    private static JsonArray Measure(RecipeKey key) =>
    [
        Whole(key),
        new JsonObject { ["type"] = "string", ["pattern"] = "^side/0*[1-9][0-9]*$" },
    ];

    private static JsonObject Whole(RecipeKey key) => JsonSchema.Number(key.Minimum, key.Maximum, "integer");
}
