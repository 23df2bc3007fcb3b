namespace GpuSynth.Recipes;

/// <summary>
/// The form of recipes from before they were lists: an anatomy by its kind, and the stages of RaSD's appearance at the root, applied in
/// RaSD's order. It is still read and means the same samples; it does not grow, for every newer component stands in lists.
/// </summary>
internal static class FlatForm
{
    /// <summary>The key of an anatomy that says which it is.</summary>
    public const string Kind = "kind";

    /// <summary>The stages, in RaSD's order; the first must stand.</summary>
    public static readonly string[] Stages = ["contrast", "bias", "noise", "blur", "normalise", "gamma"];

    /// <summary>The kinds of anatomy, and the components that they are.</summary>
    public static readonly (string Kind, string Component)[] Anatomies = [("noise", "noiseField"), ("labelMap", "labelMap")];

    /// <summary>The kinds in words.</summary>
    public static string Kinds { get; } = string.Join(" or ", Anatomies.Select(static one => one.Kind));

    /// <summary>The place of a component in RaSD's order; behind all of them where it is not RaSD's.</summary>
    public static int Rank(string name) => Array.IndexOf(Stages, name) is >= 0 and int rank ? rank : Stages.Length;
}
