using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>Where a law stands; what may stand at one place may at all that follow it.</summary>
internal enum LawPlace
{
    /// <summary>Inside a chance or a oneOf: no law there chooses by output 3 of the block, which is used up.</summary>
    Inside,

    /// <summary>At a key, or in a list per label.</summary>
    Single,

    /// <summary>At a key whose number is drawn per label.</summary>
    PerLabel,
}

/// <summary>What may stand at a key.</summary>
/// <param name="Minimum">The smallest number; the smallest that a law may give.</param>
/// <param name="Maximum">The largest number; the largest that a law may give.</param>
/// <param name="Allowed">What may stand there in words, with the unit: "0 to 8 voxels".</param>
/// <param name="Place">Where the law stands.</param>
internal sealed record KeyBounds(double Minimum, double Maximum, string Allowed, LawPlace Place)
{
    /// <summary>Whether the number must be odd.</summary>
    public bool Odd { get; init; }

    /// <summary>The number in the middle.</summary>
    public double Middle => (Minimum + Maximum) / 2;

    /// <summary>What may stand there, range and forms: "0 to 8 voxels, as a number or { fixed }, ...".</summary>
    public string AllowedForms => $"{Allowed}, as {LawForms.Names(Place)}";

    /// <summary>What is wrong with a number; null where it is right.</summary>
    public string? Complaint(double number) =>
        !double.IsFinite(number) ? $"{NumberText.Of(number)} is not a finite number"
        : number < Minimum ? $"{NumberText.Of(number)} < {NumberText.Of(Minimum)} minimum"
        : number > Maximum ? $"{NumberText.Of(number)} > {NumberText.Of(Maximum)} maximum"
        : Odd && number % 2 == 0 ? $"{NumberText.Of(number)} is even"
        : null;

    /// <summary>What is wrong with a law, as pairs of (what follows the key, complaint); nothing where it is right.</summary>
    public IEnumerable<(string Item, string Complaint)> Complaints(Law law)
    {
        if (law is PerLabelLaw list)
        {
            return Place == LawPlace.PerLabel
                ? list.Laws.SelectMany((entry, index) => Of(entry, $".perLabel[{NumberText.Of(index)}]"))
                : [("", "a list per label stands only where a number is drawn per label; give one law")];
        }

        return Of(law, "");
    }

    private IEnumerable<(string Item, string Complaint)> Of(Law law, string item) => law is OneOfLaw oneOf
        ? oneOf.Alternatives.SelectMany((one, index) => Of(one.Law, $"{item}.oneOf[{NumberText.Of(index)}].law"))
        : ComplaintOf(law) is { } complaint ? [(item, complaint)] : [];

    private string? ComplaintOf(Law law)
    {
        // The ends of a uniform law stand in the recipe as they are; how far a normal law reaches does not.
        bool reaches = law is NormalLaw or LogNormalLaw or ChanceLaw { Inner: NormalLaw or LogNormalLaw };
        string? low = law.Minimum < Minimum ? $"{End(law.Minimum)} < {NumberText.Of(Minimum)} minimum" : null;
        string? high = law.Maximum > Maximum ? $"{End(law.Maximum)} > {NumberText.Of(Maximum)} maximum" : null;
        string? both = low is null ? high : high is null ? low : $"{low} and {high}";
        return !reaches || both is null ? both
            : $"{law} reaches {both}; set its " + (low is null ? "max" : high is null ? "min" : "min and max");

        string End(double end) =>
            reaches ? end.ToString("0.####", CultureInfo.InvariantCulture) : NumberText.Of(end);
    }
}
