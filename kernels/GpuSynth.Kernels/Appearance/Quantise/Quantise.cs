using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// floor((levels - 1) I) / (levels - 1) of intensities of 0 to 1: what an image that was stored as whole numbers has lost. What lies outside is
/// clamped; a NaN stays one. Source: anatomix stores its images so, with 256 levels.
/// </summary>
/// <param name="Levels">Number of levels, 2 to 65536: 256 for 8 bits, 4096 for 12.</param>
[Component(
    "quantise",
    16,
    Degrades = true,
    Source = "anatomix",
    Says = "Intensities of 0 to 1 are rounded down to so many levels, as of an image stored as whole numbers.",
    Example = "normalise: { epsilon: 1e-6 }\nquantise: { levels: 8 }")]
public sealed record Quantise(
    [property: Allowed(2, 65536, Says = "Number of levels: 256 for 8 bits, 4096 for 12.")] int Levels)
    : VoxelComponent<Quantise.Drawn>
{
    /// <inheritdoc/>
    public override bool HasTies => true;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Steps = Levels - 1 };

    /// <summary>What the recipe says, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>Constant of the recipe: levels - 1.</summary>
        public float Steps;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F inside = F.Min(F.Max(value, F.Of(0f)), F.Of(1f));
            return F.WhereNumber(value, F.Over(F.Floor(inside * F.Of(drawn.Steps)), drawn.Steps), value);
        }
    }
}
