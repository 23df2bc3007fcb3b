using System.Globalization;

namespace GpuSynth.Kernels;

/// <summary>
/// A length or a count that may follow the side S: "side/16" (integer division) or a whole number. RaSD (arXiv 2602.12317) states
/// its scales and its label count as fractions of the side, so that one recipe holds at every size.
/// </summary>
public readonly record struct SideMeasure
{
    private const string Prefix = "side/";

    private SideMeasure(int divisor, int whole) => (Divisor, Whole) = (divisor, whole);

    /// <summary>N of "side/N"; 0 for a whole number.</summary>
    public int Divisor { get; }

    /// <summary>The whole number of voxels or labels; 0 for "side/N".</summary>
    public int Whole { get; }

    /// <summary>Whether the measure follows the side.</summary>
    public bool FollowsSide => Divisor > 0;

    /// <summary>"side/N".</summary>
    /// <param name="divisor">N, at least 1.</param>
    /// <exception cref="ArgumentException">The divisor is below 1.</exception>
    public static SideMeasure SideOver(int divisor) => divisor >= 1
        ? new SideMeasure(divisor, 0)
        : throw new ArgumentException($"side/N: N is {NumberText.Of(divisor)}; it must be at least 1");

    /// <summary>A whole number of voxels or labels.</summary>
    /// <param name="whole">At least 1.</param>
    /// <exception cref="ArgumentException">The number is below 1.</exception>
    public static SideMeasure Of(int whole) => whole >= 1
        ? new SideMeasure(0, whole)
        : throw new ArgumentException($"a whole measure is {NumberText.Of(whole)}; it must be at least 1");

    /// <summary>Reads "side/16" or "8".</summary>
    /// <param name="text">The text.</param>
    /// <param name="measure">What it says; meaningless where the answer is false.</param>
    /// <returns>Whether the text is a measure.</returns>
    public static bool TryParse(string text, out SideMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool followsSide = text.StartsWith(Prefix, StringComparison.Ordinal);
        string digits = followsSide ? text[Prefix.Length..] : text;
        bool valid = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1;
        measure = !valid ? default : followsSide ? SideOver(number) : Of(number);
        return valid;
    }

    /// <summary>The measure at a side: max(least, side / N), or max(least, the whole number).</summary>
    /// <param name="side">S in voxels, at least 1.</param>
    /// <param name="least">The smallest answer: 1 voxel for a scale, 2 for a label count.</param>
    public int Resolve(int side, int least = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        return Math.Max(least, FollowsSide ? side / Divisor : Whole);
    }

    /// <summary>The text: "side/16" or "8".</summary>
    public override string ToString() => FollowsSide ? Prefix + NumberText.Of(Divisor) : NumberText.Of(Whole);
}
