using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using NUnit.Framework;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlNode = YamlDotNet.RepresentationModel.YamlNode;

namespace GpuSynth.Tests.Recipes;

/// <summary>The schema against the reader: the same keys, and recipes that both take or both refuse.</summary>
[TestFixture]
public sealed class RecipeSchemaTests
{
    private static readonly JsonObject Schema = JsonNode.Parse(RecipeSchema.ToJson())!.AsObject();

    [Test]
    public void EveryRecipeThatIsReadFitsTheSchema()
    {
        IEnumerable<string> texts = Presets.Names.Select(Presets.Text)
            .Concat(RandomRecipes.Some(300, seed: 6).Select(RecipeYaml.Write))
            .Append(Flat)
            .Append(Flat.Replace("kind: noise, ", "kind: noise, chance: 1, ", StringComparison.Ordinal));
        foreach (string text in texts)
        {
            Assert.That(Fits(Schema, ToJson(text)), text);
        }
    }

    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { uniform: [0.05, 9] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { unifrom: [0.05, 0.4] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { uniform: [0.05] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { logUniform: [0, 0.4] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { choice: [] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { normal: { mean: 0.1, std: -1 } }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { chance: { p: 0.1, law: 1 } }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { uniform: [0, 1], fixed: 2 }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { integer: [0, 2.5] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { integer: [0, 5] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { integer: [1] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { logNormal: { median: 0, sigma: 1, max: 4 } }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { logNormal: { median: 1, sigma: -1, max: 4 } }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { logNormal: { median: 1 } }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { oneOf: [] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { oneOf: [{ weight: 0, law: 1 }] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { oneOf: [{ law: 1 }] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }",
        "stdOfMaximum: { oneOf: [{ weight: 1, law: { chance: { p: 0.1, law: 1, otherwise: 0 } } }] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }",
        "stdOfMaximum: { oneOf: [{ weight: 1, law: { oneOf: [{ weight: 1, law: 1 }] } }] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }",
        "stdOfMaximum: { chance: { p: 0.1, law: { oneOf: [{ weight: 1, law: 1 }] }, otherwise: 0 } }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: { perLabel: [0.1, 0.2] }")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: much")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: 1\n      chance: 1.5")]
    [TestCase("stdOfMaximum: { uniform: [0.05, 0.4] }", "stdOfMaximum: 1\n      chance: { uniform: [0, 1] }")]
    [TestCase("mean: { uniform: [0, 1] }", "mean: { uniform: [0, 1] }\n      chance: 0.5")]
    [TestCase("labels: side/16", "labels: side/16\n      chance: 0.5")]
    [TestCase("mean: { uniform: [0, 1] }", "mean: { perLabel: [] }")]
    [TestCase("mean: { uniform: [0, 1] }", "mean: { perLabel: [1, { perLabel: [2] }] }")]
    [TestCase("mean: { uniform: [0, 1] }", "mean: { perLabel: [1, 1e7] }")]
    [TestCase("  taps: 83", "  taps: 82")]
    [TestCase("  taps: 83", "  taps: 513")]
    [TestCase("  taps: 83", "  tap: 83")]
    [TestCase("      taps: 83\n", "")]
    [TestCase("labels: side/16", "labels: side/0")]
    [TestCase("labels: side/16", "labels: 1")]
    [TestCase("appearance:", "  - labelMap: { chance: 2 }\nappearance:")]
    [TestCase("labels: side/16", "shear: 0")]
    [TestCase("  - noiseField:", "  - blobs:")]
    [TestCase("  - noiseField:", "  - noise:")]
    [TestCase("  - blur:", "  - blurr:")]
    [TestCase("  - blur:", "  - labelMap:")]
    [TestCase("appearance:", "blur:")]
    [TestCase("appearance:", "bias: { std: 1, fwhmVoxels: 16, taps: 83 }\nappearance:")]
    [TestCase("  - blur:\n      sigmaVoxels: { uniform: [0, 1] }\n      taps: 7\n", "  - blur\n")]
    [TestCase("dimensions: 3", "dimensions: 4")]
    [TestCase("dimensions: 3", "dimensions: 2.5")]
    [TestCase("name: rasd-3d", "name: ''")]
    [TestCase("scales: [side/8, side/4]", "scales: []")]
    public void WhatTheSchemaRefusesTheReaderRefusesToo(string right, string wrong)
    {
        AssertRefused(RecipeYaml.Write(Presets.Get("rasd-3d")), right, wrong);
    }

    [TestCase("kind: noise", "kind: blobs")]
    [TestCase("kind: noise, ", "")]
    [TestCase("kind: noise, ", "kind: noise, chance: 0.5, ")]
    [TestCase("kind: noise", "kind: labelMap")]
    [TestCase("contrast: { mean: 1 }\n", "")]
    [TestCase("normalise: { epsilon: 1e-6 }\n", "")]
    [TestCase("contrast: { mean: 1 }\n", "appearance: [{ contrast: { mean: 1 } }]\n")]
    [TestCase("contrast: { mean: 1 }\n", "appearance: [{ contrast: { mean: 1 } }]\ncontrast: { mean: 1 }\n")]
    [TestCase("noise: { stdOfMaximum: 1 }", "noise: { std: 1 }")]
    public void WhatTheSchemaRefusesOfTheFlatFormTheReaderRefusesToo(string right, string wrong) => AssertRefused(Flat, right, wrong);

    private const string Flat = """
        name: flat
        dimensions: 3
        anatomy: { kind: noise, labels: side/16, field: { scales: [side/8], std: 1 } }
        contrast: { mean: 1 }
        noise: { stdOfMaximum: 1 }
        normalise: { epsilon: 1e-6 }
        gamma: { exponent: 1 }
        """;

    private static void AssertRefused(string whole, string right, string wrong)
    {
        Assert.That(whole, Does.Contain(right));
        string text = whole.Replace(right, wrong, StringComparison.Ordinal);
        Assert.That(Fits(Schema, ToJson(text)), Is.False);
        Assert.That(() => RecipeYaml.Parse(text, "wrong"), Throws.TypeOf<RecipeException>());
    }

    [Test]
    public void SchemaAndReaderKnowTheSameKeys([ValueSource(nameof(Names))] string name)
    {
        // An unknown key in a section: what the reader says that it knows there is what the schema lists.
        bool isAnatomy = ComponentCatalogue.IsAnatomy(ComponentCatalogue.Own.Types[name]);
        AssertKeys(Schema["$defs"]![name]!.AsObject(), "{0}");

        void AssertKeys(JsonObject schema, string around)
        {
            string[] keys = [.. schema["properties"]!.AsObject().Select(property => property.Key)];
            string entry = $"[{{ {name}: {around.Replace("{0}", "{ zzzzzzzzzzzz: 1 }", StringComparison.Ordinal)} }}]";
            Assert.That(Known($"{(isAnatomy ? "anatomy" : "appearance")}: {entry}"), Is.EqualTo(keys), entry);
            foreach (string key in keys)
            {
                if (schema["properties"]![key]!.AsObject().ContainsKey("properties"))
                {
                    string inner = around.Replace("{0}", $"{{ {key}: {{0}} }}", StringComparison.Ordinal);
                    AssertKeys(schema["properties"]![key]!.AsObject(), inner);
                }
            }
        }
    }

    [Test]
    public void SchemaAndReaderKnowTheSameKeysAtTheRootAndOfAKind()
    {
        string[] root = [.. Schema["properties"]!.AsObject().Select(property => property.Key)];
        Assert.That(Known("zzzzzzzzzzzz: 1"), Is.EqualTo(root.Take(4)));
        Assert.That(Known("contrast: 1\nzzzzzzzzzzzz: 1"), Is.EqualTo(root.Where(key => key != "appearance")));
        foreach (JsonNode? kind in Schema["properties"]!["anatomy"]!["oneOf"]!.AsArray().Skip(1))
        {
            string[] keys = [.. kind!["properties"]!.AsObject().Select(property => property.Key)];
            Assert.That(Known($"anatomy: {{ kind: {kind["properties"]!["kind"]!["const"]}, zzzzzzzzzzzz: 1 }}"), Is.EqualTo(keys));
        }
    }

    [Test]
    public void EveryKeyIsDescribed()
    {
        AssertDescribed(Schema);
        foreach (string name in Names)
        {
            JsonObject component = Schema["$defs"]![name]!.AsObject();
            Assert.That((string?)component["description"], Is.Not.Null.And.Not.Empty, name);
            AssertDescribed(component);
        }

        static void AssertDescribed(JsonObject schema)
        {
            foreach ((string key, JsonNode? child) in schema["properties"]!.AsObject())
            {
                if (!child!.AsObject().ContainsKey("$ref") || schema != Schema)
                {
                    Assert.That((string?)child["description"], Is.Not.Null.And.Not.Empty, key);
                }

                if (child["properties"] is not null)
                {
                    AssertDescribed(child.AsObject());
                }
            }
        }
    }

    [Test]
    public void LawsSayTheirRange()
    {
        JsonNode std = Schema["$defs"]!["noise"]!["properties"]!["stdOfMaximum"]!;
        Assert.That((string?)std["description"], Does.EndWith("Allowed: 0 to 4."));
        Assert.That((double?)Definition(std["$ref"])["oneOf"]![0]!["maximum"], Is.EqualTo(4));
        Assert.That((string?)Schema["$schema"], Is.EqualTo("https://json-schema.org/draft/2020-12/schema"));
        int definitions = Schema["$defs"]!.AsObject().Count(one => one.Key.StartsWith("law_", StringComparison.Ordinal));
        Assert.That(Regex.Count(RecipeSchema.ToJson(), "\"logUniform\": "), Is.EqualTo(definitions), "defined once, referred to else");
    }

    private static string[] Names => [.. ComponentCatalogue.Own.Types.Keys];

    private static JsonObject Definition(JsonNode? reference) =>
        Schema["$defs"]![((string)reference!)["#/$defs/".Length..]]!.AsObject();

    private static string[] Known(string text)
    {
        RecipeException error = Assert.Throws<RecipeException>(() => RecipeYaml.Parse(text, "probe"))!;
        return error.Mistakes.Single(mistake => mistake.Key.EndsWith("zzzzzzzzzzzz", StringComparison.Ordinal)).Allowed.Split(", ");
    }

    // YAML as JSON, plain scalars by YAML's core rules as far as recipes use them.
    private static JsonNode? ToJson(string yaml)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(yaml));
        return ToJson(stream.Documents[0].RootNode);
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(
            child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, ToJson(child.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when double.TryParse(
            scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => JsonValue.Create(number),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new NotSupportedException($"{node}"),
    };

    // As much of JSON schema as the recipe's schema uses; a keyword that is not known here fails the test.
    private static bool Fits(JsonObject schema, JsonNode? value) => schema.All(rule => rule.Key switch
    {
        "$schema" or "$defs" or "title" or "description" or "default" => true,
        "$ref" => Fits(Definition(rule.Value), value),
        "type" => IsOfType((string)rule.Value!, value),
        "const" => value is JsonValue && (string?)rule.Value == value.ToString(),
        "minimum" => Number(value) is not { } number || number >= (double)rule.Value!,
        "exclusiveMinimum" => Number(value) is not { } number || number > (double)rule.Value!,
        "maximum" => Number(value) is not { } number || number <= (double)rule.Value!,
        "multipleOf" => Number(value) is not { } number || number % (double)rule.Value! == 0,
        "minLength" => Text(value) is not { } text || text.Length >= (double)rule.Value!,
        "maxLength" => Text(value) is not { } text || text.Length <= (double)rule.Value!,
        "pattern" => Text(value) is not { } text || Regex.IsMatch(text, (string)rule.Value!),
        "minItems" => value is not JsonArray array || array.Count >= (double)rule.Value!,
        "maxItems" => value is not JsonArray array || array.Count <= (double)rule.Value!,
        "prefixItems" => value is not JsonArray array
            || rule.Value!.AsArray().Zip(array).All(pair => Fits(pair.First!.AsObject(), pair.Second)),
        "items" => value is not JsonArray array
            || array.Skip(schema["prefixItems"]?.AsArray().Count ?? 0).All(item => Fits(rule.Value!.AsObject(), item)),
        "not" => !Fits(rule.Value!.AsObject(), value),
        "oneOf" => rule.Value!.AsArray().Count(option => Fits(option!.AsObject(), value)) == 1,
        "required" => value is not JsonObject mapping || rule.Value!.AsArray().All(key => mapping.ContainsKey((string)key!)),
        "properties" => value is not JsonObject mapping || rule.Value!.AsObject().All(
            child => !mapping.ContainsKey(child.Key) || Fits(child.Value!.AsObject(), mapping[child.Key])),
        "additionalProperties" => value is not JsonObject mapping || (bool)rule.Value!
            || mapping.All(entry => schema["properties"]!.AsObject().ContainsKey(entry.Key)),
        "dependentRequired" => value is not JsonObject mapping || rule.Value!.AsObject().All(
            rule => !mapping.ContainsKey(rule.Key) || rule.Value!.AsArray().All(key => mapping.ContainsKey((string)key!))),
        _ => throw new NotSupportedException(rule.Key),
    });

    private static bool IsOfType(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => Text(value) is not null,
        "number" => Number(value) is not null,
        "integer" => Number(value) is { } number && double.IsInteger(number),
        "boolean" => value is JsonValue scalar && scalar.TryGetValue(out bool _),
        _ => throw new NotSupportedException(type),
    };

    private static double? Number(JsonNode? value) =>
        value is JsonValue scalar && scalar.TryGetValue(out double number) ? number : null;

    private static string? Text(JsonNode? value) =>
        value is JsonValue scalar && scalar.TryGetValue(out string? text) ? text : null;
}
