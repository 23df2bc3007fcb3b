using System.Text.Json.Nodes;

namespace GpuSynth.Recipes;

/// <summary>Pieces of a JSON schema.</summary>
internal static class JsonSchema
{
    /// <summary>A number between two ends, or to no end where one is null.</summary>
    public static JsonObject Number(double? minimum, double? maximum, string type = "number")
    {
        JsonObject schema = new() { ["type"] = type };
        AddIfGiven(schema, "minimum", minimum);
        AddIfGiven(schema, "maximum", maximum);
        return schema;
    }

    /// <summary>A number above 0, and at most the maximum where there is one.</summary>
    public static JsonObject AboveZero(double? maximum)
    {
        JsonObject schema = Number(null, maximum);
        schema["exclusiveMinimum"] = 0;
        return schema;
    }

    /// <summary>What a definition under "$defs" says.</summary>
    public static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    /// <summary>A list of at least and at most so many items.</summary>
    public static JsonObject List(JsonObject item, int least, int? most)
    {
        JsonObject schema = new() { ["type"] = "array", ["items"] = item, ["minItems"] = least };
        AddIfGiven(schema, "maxItems", most);
        return schema;
    }

    /// <summary>A mapping with these keys and no others.</summary>
    public static JsonObject Mapping(params IEnumerable<(string Name, JsonObject Schema, bool Required)> fields)
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

    private static void AddIfGiven(JsonObject schema, string name, double? value)
    {
        if (value is not null)
        {
            schema[name] = value;
        }
    }
}
