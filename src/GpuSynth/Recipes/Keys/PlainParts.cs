using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>A line of text (string); the bounds count its characters.</summary>
internal sealed class TextPart : KeyPart
{
    public override string Words(string range) => $"one line of {range} characters";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        if (node is YamlScalar { IsNothing: false } scalar)
        {
            return scalar.Value;
        }

        yaml.AddWrongType(node, path, "text", bounds.Allowed);
        return null;
    }

    public override string Write(object value)
    {
        string text = (string)value;
        bool isPlain = char.IsAsciiLetter(text[0])
            && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            && !(text.ToUpperInvariant() is "NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");

        // A checked text holds no control characters: in double quotes only these two need an escape.
        return isPlain
            ? text
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds)
    {
        string text = (string)value;
        return Whole(
            string.IsNullOrWhiteSpace(text) ? "is empty"
            : text.Length > bounds.Maximum
                ? $"{NumberText.Of(text.Length)} characters > {NumberText.Of(bounds.Maximum)} maximum"
            : text.EnumerateRunes().Any(IsUnprintable) ? "holds a line break or another character that cannot be shown"
            : null);
    }

    public override JsonObject Schema(KeyBounds bounds) => new()
    {
        ["type"] = "string",
        ["minLength"] = bounds.Minimum,
        ["maxLength"] = bounds.Maximum,
    };

    // What YAML may fold, drop or refuse; U+FFFD is what broken text turns into.
    private static bool IsUnprintable(Rune letter) => letter == Rune.ReplacementChar || Rune.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
}

/// <summary>A number.</summary>
/// <param name="isWhole">Whether it is whole (int); else it is any (double).</param>
internal sealed class PlainNumberPart(bool isWhole) : KeyPart
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        isWhole ? (object?)yaml.Integer(node, path, bounds.Allowed) : yaml.Number(node, path, bounds.Allowed);

    public override string Write(object value) => NumberText.Of(Of(value));

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds) =>
        Whole(bounds.Complaint(Of(value)));

    public override JsonObject Schema(KeyBounds bounds)
    {
        JsonObject schema = JsonSchema.Number(bounds.Minimum, bounds.Maximum, isWhole ? "integer" : "number");
        if (bounds.Odd)
        {
            schema["not"] = new JsonObject { ["multipleOf"] = 2 };
        }

        return schema;
    }

    public override object Middle(KeyBounds bounds) => isWhole ? (object)((int)bounds.Middle | (bounds.Odd ? 1 : 0)) : bounds.Middle;

    private static double Of(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}

/// <summary>A yes or no (bool).</summary>
internal sealed class YesNoPart : KeyPart
{
    private const string Yes = "true";
    private const string No = "false";

    public override bool HasRange => false;

    public override string Words(string range) => $"{Yes} or {No}";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        if (node is YamlScalar { IsPlain: true, Value: Yes or No } scalar)
        {
            return scalar.Value == Yes;
        }

        yaml.AddWrongType(node, path, $"{Yes} or {No}", bounds.Allowed);
        return null;
    }

    public override string Write(object value) => (bool)value ? Yes : No;

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds) => [];

    public override JsonObject Schema(KeyBounds bounds) => new() { ["type"] = "boolean" };

    public override object Middle(KeyBounds bounds) => false;
}

/// <summary>A <see cref="Law"/>.</summary>
internal sealed class LawPart : KeyPart
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        LawForms.Read(yaml, node, path, bounds);

    public override string Write(object value) => LawForms.Write((Law)value);

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds) =>
        bounds.Complaints((Law)value);

    public override JsonObject Schema(KeyBounds bounds) => LawForms.Reference(bounds);

    public override object Middle(KeyBounds bounds) => new FixedLaw(bounds.Middle);
}

/// <summary>A <see cref="SideMeasure"/>.</summary>
internal sealed class MeasurePart : KeyPart
{
    /// <summary>N of "side/N" at most.</summary>
    public const int MaximumDivisor = 4096;

    public override string Words(string range) =>
        $"{range}, or side/1 to side/{NumberText.Of(MaximumDivisor)}";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        if (node is YamlScalar { IsPlain: true } scalar && SideMeasure.TryParse(scalar.Value, out SideMeasure measure))
        {
            return measure;
        }

        yaml.AddWrongType(node, path, "a whole number of at least 1 or side/N", bounds.Allowed);
        return null;
    }

    public override string Write(object value) => value.ToString()!;

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds)
    {
        var measure = (SideMeasure)value;
        return Whole(
            !measure.FollowsSide ? bounds.Complaint(measure.Whole)
            : measure.Divisor > MaximumDivisor
                ? $"{measure}: the divisor {NumberText.Of(measure.Divisor)} > {NumberText.Of(MaximumDivisor)} maximum"
            : null);
    }

    public override JsonObject Schema(KeyBounds bounds) => new()
    {
        ["oneOf"] = new JsonArray(
            JsonSchema.Number(bounds.Minimum, bounds.Maximum, "integer"),
            new JsonObject { ["type"] = "string", ["pattern"] = "^side/0*[1-9][0-9]*$" }),
    };

    public override object Middle(KeyBounds bounds) => SideMeasure.Of((int)bounds.Middle);
}

/// <summary>A list of <see cref="SideMeasure"/>.</summary>
internal sealed class MeasuresPart : KeyPart
{
    private const int Most = 8;
    private static readonly MeasurePart Item = new();

    public override string Words(string range) => Item.Words(range);

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        if (yaml.Sequence(node, path, bounds.Allowed) is not { } sequence)
        {
            return null;
        }

        object?[] measures = [.. sequence.Items.Select((item, index) => Item.Read(yaml, item, Indexed(path, index), bounds))];
        return measures.Contains(null) ? null : ValueList.Create<SideMeasure>([.. measures.Cast<SideMeasure>()]);
    }

    public override string Write(object value) => value.ToString()!;

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds)
    {
        var measures = (ValueList<SideMeasure>)value;
        return Whole(
                measures.Count is >= 1 and <= Most ? null
                : $"{NumberText.Of(measures.Count)} scales; 1 to {NumberText.Of(Most)} are allowed")
            .Concat(measures.SelectMany((measure, index) => Item.Complaints(measure, bounds)
                .Select(found => (Indexed("", index), found.Complaint))));
    }

    public override JsonObject Schema(KeyBounds bounds) => JsonSchema.List(Item.Schema(bounds), 1, Most);

    public override object Middle(KeyBounds bounds) => ValueList.Create<SideMeasure>([(SideMeasure)Item.Middle(bounds)]);
}
