using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// clamp((I - level) / width + 1/2, 0, 1): the part of the intensities that a display window shows, as of CT. A NaN stays one. Source: the linear
/// window of DICOM PS3.3 C.11.2.1.2, without its half-step conventions.
/// </summary>
/// <param name="Level">Centre of the window, in the intensities' units, drawn once per sample; -1e6 to 1e6.</param>
/// <param name="Width">Its width, drawn once per sample; 1e-6 to 1e6.</param>
[Component(
    "window",
    14,
    Source = "DICOM PS3.3",
    Says = "The part of the intensities between two ends becomes 0 to 1, as a window of CT; what lies outside is clamped.",
    Example = "window: { level: 0.5, width: 0.4 }")]
public sealed record Window(
    [property: Allowed(-1e6, 1e6, Says = "Centre of the window, drawn once.")] Law Level,
    [property: Allowed(1e-6, 1e6, Says = "Width of the window, drawn once.")] Law Width)
    : VoxelComponent<Window.Drawn>
{
    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Level = drawing.Number(Level, 0),
        Width = drawing.Number(Width, 1),
    };

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
