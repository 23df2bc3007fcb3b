namespace GpuSynth.Kernels;

/// <summary>
/// Makes a record a component of recipes: it is found by this, and nothing else names it. Its keys in a recipe are the properties of its
/// constructor, with an <see cref="AllowedAttribute"/> each.
/// </summary>
/// <param name="name">What it is called in a recipe: "gamma".</param>
/// <param name="stream">
/// The stream of its laws, below 2^16: one of <see cref="Streams"/>, or for a component of another assembly a number from 2^15 on. A number
/// once given is never moved: it is part of what a seed means.
/// </param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ComponentAttribute(string name, uint stream) : Attribute
{
    /// <summary>What it is called in a recipe.</summary>
    public string Name { get; } = name;

    /// <summary>The stream of its laws.</summary>
    public uint Stream { get; } = stream;

    /// <summary>Paper or formula that it comes from.</summary>
    public string Source { get; set; } = "";

    /// <summary>What it does, in one line.</summary>
    public string Says { get; set; } = "";

    /// <summary>Whether it takes away from what an image shows, as noise, blur, artefacts and bias fields do: a clean image is made without it.</summary>
    public bool Degrades { get; set; }

    /// <summary>
    /// An entry of a recipe that shows it, "blur: { sigmaVoxels: 2, taps: 13 }"; or several, a line each, where it needs others before it. The
    /// page of all components has its picture.
    /// </summary>
    public string Example { get; set; } = "";
}

/// <summary>What a key of a component may hold; of a law, everything that it can give.</summary>
/// <param name="minimum">The smallest number allowed.</param>
/// <param name="maximum">The largest number allowed.</param>
/// <param name="unit">Unit of the number; empty where it has none.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AllowedAttribute(double minimum, double maximum, string unit = "") : Attribute
{
    /// <summary>The smallest number allowed.</summary>
    public double Minimum { get; } = minimum;

    /// <summary>The largest number allowed.</summary>
    public double Maximum { get; } = maximum;

    /// <summary>Unit of the number; empty where it has none.</summary>
    public string Unit { get; } = unit;

    /// <summary>What it means, in one line, for people and for editors.</summary>
    public string Says { get; set; } = "";

    /// <summary>Whether the number must be odd.</summary>
    public bool Odd { get; set; }

    /// <summary>Whether the number is drawn per label, the label in its element's low byte, so that its law may be a list per label.</summary>
    public bool PerLabel { get; set; }
}

/// <summary>
/// A field of a drawn struct that is ground truth: its name in the manifest and in captions, unit in the name. A field without one is a
/// constant of the recipe, or worked out from what was drawn.
/// </summary>
/// <param name="name">"blurSigmaVoxelsZyx".</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class RecordedAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>What the field says.</summary>
    public RecordedKind Kind { get; set; }

    /// <summary>The key of the component without which it is not recorded; null: it always is.</summary>
    public string? OfKey { get; set; }

    /// <summary>Whether it is recorded only where images are slices of label maps that are volumes.</summary>
    public bool OfSlices { get; set; }
}

/// <summary>What a recorded field says.</summary>
public enum RecordedKind
{
    /// <summary>A number, numbers along axes, or a list.</summary>
    Number,

    /// <summary>Yes where it is not 0.</summary>
    Flag,

    /// <summary>The index of a label map, written as its file name.</summary>
    LabelMap,
}

/// <summary>What an optional law or number of a component is where it stands nowhere.</summary>
/// <param name="value">The number, or the fixed number of the law.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AbsentAttribute(double value) : Attribute
{
    /// <summary>The number.</summary>
    public double Value { get; } = value;
}

/// <summary>What a key means that holds no number.</summary>
/// <param name="text">In one line, for people and for editors.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SaysAttribute(string text) : Attribute
{
    /// <summary>The line.</summary>
    public string Text { get; } = text;
}
