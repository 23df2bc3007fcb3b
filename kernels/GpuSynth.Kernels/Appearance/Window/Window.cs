using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// clamp((I - level) / width + 1/2, 0, 1): the part of the intensities that a display window shows, as of CT. A NaN stays one. Sources: the linear
/// window of DICOM PS3.3 C.11.2.1.2, without its half-step conventions; windows drawn at random: agnalt/random-windowing.
/// </summary>
/// <param name="Level">Centre of the window, in the intensities' units, drawn once per sample; -1e6 to 1e6.</param>
/// <param name="Width">Its width, drawn once per sample; 1e-6 to 1e6.</param>
/// <param name="Or">Other windows, each with its weight beside the 1 of the first; null: none.</param>
[Component(
    "window",
    14,
    Source = "DICOM PS3.3",
    Says = "The part of the intensities between two ends becomes 0 to 1, as a window of CT; what lies outside is clamped.",
    Example = "window: { level: 0.5, width: 0.4 }")]
public sealed record Window(
    [property: Allowed(-1e6, 1e6, Says = "Centre of the window, drawn once.")] Law Level,
    [property: Allowed(1e-6, 1e6, Says = "Width of the window, drawn once.")] Law Width,
    [property: Says("Other windows, one of which is taken by its weight beside the 1 of the window above; absent: none.")]
    ValueList<WeightedWindow>? Or = null)
    : VoxelComponent<Window.Drawn>
{
    // Elements of the stream: append only.
    private const uint LevelElement = 0;
    private const uint WidthElement = 1;
    private const uint ChoiceElement = 2;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at) => HounsfieldUnits.TooEarly(list, at, "shows");

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        WeightedWindow? other = Or is null ? null : Chosen(drawing.Number(Unit, ChoiceElement));
        return new()
        {
            Level = drawing.Number(other?.Level ?? Level, LevelElement),
            Width = drawing.Number(other?.Width ?? Width, WidthElement),
        };
    }

    // Null is the first.
    private WeightedWindow? Chosen(double uniform)
    {
        double sum = 1;
        for (int other = 0; other < Or!.Count; other++)
        {
            sum += Or[other].Weight;
        }

        WeightedWindow? chosen = null;
        double edge = 1;
        for (int other = 0; other < Or.Count && uniform * sum >= edge; other++)
        {
            chosen = Or[other];
            edge += chosen.Weight;
        }

        return chosen;
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>Centre of the window.</summary>
        [Recorded("windowLevel")]
        public float Level;

        /// <summary>Width of the window.</summary>
        [Recorded("windowWidth")]
        public float Width;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F shown = F.Over(value - F.Of(drawn.Level), drawn.Width) + F.Of(0.5f);
            return F.WhereNumber(value, F.Min(F.Max(shown, F.Of(0f)), F.Of(1f)), value);
        }
    }
}

/// <summary>One of several windows.</summary>
/// <param name="Weight">Its weight beside the others.</param>
/// <param name="Level">Centre of the window, in the intensities' units, drawn once per sample; -1e6 to 1e6.</param>
/// <param name="Width">Its width, drawn once per sample; 1e-6 to 1e6.</param>
public sealed record WeightedWindow(
    [property: Allowed(0, 1e6, Says = "Weight of the window beside the others; the first has 1.")] double Weight,
    [property: Allowed(-1e6, 1e6, Says = "Centre of the window, drawn once.")] Law Level,
    [property: Allowed(1e-6, 1e6, Says = "Width of the window, drawn once.")] Law Width);
