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
                AddRange(schema, "integer", key);
                if (key.Odd)
                {
                    schema["not"] = new JsonObject { ["multipleOf"] = 2 };
                }

                break;
            case RecipeValueKind.Number:
                AddRange(schema, "number", key);
                break;
            case RecipeValueKind.Law:
                schema["oneOf"] = Laws(key, withChance: true);
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
                schema["items"] = Mapping(
                    ("label", Number(key, "integer"), true),
                    ("values", List(new JsonObject { ["type"] = "integer" }, 1, null), true));
                break;
            case RecipeValueKind.LateralPairs:
                schema["oneOf"] = new JsonArray(
                    new JsonObject { ["const"] = LateralPairs.FreeSurferName },
                    new JsonObject
                    {
                        ["type"] = "array",
                        ["items"] = List(new JsonObject { ["type"] = "integer" }, 2, 2),
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

    private static JsonArray Laws(RecipeKey key, bool withChance)
    {
        JsonArray laws =
        [
            Number(key),
            Law("fixed", Number(key)),
            Law("uniform", List(Number(key), 2, 2)),
            Law("logUniform", List(Positive(key), 2, 2)),
            Law("normal", Mapping(
                ("mean", new JsonObject { ["type"] = "number" }, true),
                ("std", new JsonObject { ["type"] = "number", ["minimum"] = 0 }, true),
                ("min", new JsonObject { ["type"] = "number" }, false),
                ("max", new JsonObject { ["type"] = "number" }, false))),
            Law("choice", List(Number(key), 1, null)),
        ];
        if (withChance)
        {
            laws.Add(Law("chance", Mapping(
                ("p", new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 }, true),
                ("law", new JsonObject { ["oneOf"] = Laws(key, withChance: false) }, true),
                ("otherwise", Number(key), true))));
        }

        return laws;
    }

    private static JsonObject Law(string name, JsonObject body) => Mapping((name, body, true));

    private static JsonArray Measure(RecipeKey key) =>
    [
        Number(key, "integer"),
        new JsonObject { ["type"] = "string", ["pattern"] = "^side/0*[1-9][0-9]*$" },
    ];

    private static JsonObject Number(RecipeKey key, string type = "number")
    {
        JsonObject schema = [];
        AddRange(schema, type, key);
        return schema;
    }

    private static JsonObject Positive(RecipeKey key)
    {
        JsonObject schema = Number(key);
        if (key.Minimum <= 0)
        {
            schema.Remove("minimum");
            schema["exclusiveMinimum"] = 0;
        }

        return schema;
    }

    private static JsonObject List(JsonObject item, int least, int? most)
    {
        JsonObject schema = new() { ["type"] = "array", ["items"] = item, ["minItems"] = least };
        if (most is not null)
        {
            schema["maxItems"] = most;
        }

        return schema;
    }

    private static JsonObject Mapping(params ReadOnlySpan<(string Name, JsonObject Schema, bool Required)> fields)
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach ((string name, JsonObject field, bool isRequired) in fields)
        {
            properties[name] = field;
            if (isRequired)
            {
                required.Add(name);
            }
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        };
    }

    private static void AddRange(JsonObject schema, string type, RecipeKey key)
    {
        schema["type"] = type;
        schema["minimum"] = key.Minimum;
        schema["maximum"] = key.Maximum;
    }
}
