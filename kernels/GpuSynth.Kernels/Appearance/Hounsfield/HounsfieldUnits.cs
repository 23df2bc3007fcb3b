namespace GpuSynth.Kernels;

/// <summary>Where in a recipe intensities are Hounsfield units: from <see cref="Hounsfield"/> to what makes others of them.</summary>
internal static class HounsfieldUnits
{
    /// <summary>That a component stands before what makes Hounsfield units of labels.</summary>
    /// <param name="list">The appearance.</param>
    /// <param name="at">Where the component stands in it.</param>
    /// <param name="does">What it does with them: "shows".</param>
    public static IEnumerable<string> TooEarly(IReadOnlyList<Component> list, int at, string does) =>
        list.Skip(at + 1).Any(static one => one is Hounsfield) && !list.Take(at).Any(static one => one is Hounsfield)
            ? [$"{does} Hounsfield units, and there are none before hounsfield; put it behind hounsfield"]
            : [];

    /// <summary>That a component stands before there are Hounsfield units, or where there are none any more.</summary>
    /// <param name="list">The appearance. One without hounsfield may have them all the same, as means of labels.</param>
    /// <param name="at">Where the component stands in it.</param>
    public static IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at)
    {
        foreach (string complaint in TooEarly(list, at, "changes"))
        {
            yield return complaint;
        }

        Component? after = list.Take(at).SkipWhile(static one => one is not Hounsfield).FirstOrDefault(static one => one is Window or Normalise);
        if (after is not null)
        {
            yield return $"changes Hounsfield units, and {after.Name} before it leaves none; put it before {after.Name}";
        }
    }
}
