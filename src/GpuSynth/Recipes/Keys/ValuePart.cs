using System.Text.Json.Nodes;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>A kind of value in a recipe's text: how it is read, written and described to an editor.</summary>
internal abstract class ValuePart
{
    /// <summary>The value at a node; null where it is none, which has been complained about.</summary>
    public abstract object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds);

    /// <summary>The value as YAML on one line.</summary>
    public abstract string Write(object value);

    /// <summary>The JSON schema of the value under a key with these bounds.</summary>
    public abstract JsonObject Schema(KeyBounds bounds);
}

/// <summary>A kind of value that may stand at a key.</summary>
internal abstract class KeyPart : ValuePart
{
    private static readonly Dictionary<Type, KeyPart> Known = new()
    {
        [typeof(string)] = new TextPart(),
        [typeof(int)] = new PlainNumberPart(isWhole: true),
        [typeof(double)] = new PlainNumberPart(isWhole: false),
        [typeof(bool)] = new YesNoPart(),
        [typeof(Law)] = new LawPart(),
        [typeof(SideMeasure)] = new MeasurePart(),
        [typeof(ValueList<SideMeasure>)] = new MeasuresPart(),
        [typeof(ValueList<LabelGroup>)] = new LabelGroupsPart(),
        [typeof(ValueList<int>)] = new StoredValuesPart(),
        [typeof(LateralPairs)] = new LateralPairsPart(),
        [typeof(TissueClasses)] = new TissueClassesPart(),
    };

    /// <summary>The part of a type of key, or null: then it is a section, or no recipe can hold it.</summary>
    public static KeyPart? Of(Type type) => Known.GetValueOrDefault(type);

    /// <summary>Whether numbers of it run over a range that the key must give.</summary>
    public virtual bool HasRange => true;

    /// <summary>What may stand there, in words, where numbers may run over a range.</summary>
    public virtual string Words(string range) => range;

    /// <summary>What is wrong with a value, as pairs of (what follows the path, complaint); nothing where it is right.</summary>
    public abstract IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds);

    /// <summary>A value in the middle of what is allowed, for what is tried and timed without a recipe.</summary>
    public virtual object Middle(KeyBounds bounds) =>
        throw new GpuSynthException($"There is no middle of {bounds.Allowed}; give a value.");

    /// <summary>A complaint about the value as a whole, where there is one.</summary>
    protected static IEnumerable<(string Item, string Complaint)> Whole(string? complaint) =>
        complaint is null ? [] : [("", complaint)];
}
