using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// I + a (1 - 2 I): at an amount a of 1 intensities of 0 to 1 are turned over, at 0 they stay, between they lose contrast; what lies outside
/// is clamped, and a NaN stays one. A law of <c>chance: { p: 0.3, law: 1, otherwise: 0 }</c> turns three samples in ten over. Source: vesselFM's backgrounds (p 0.3).
/// </summary>
/// <param name="Amount">a, drawn once per sample, 0 to 1.</param>
[Component(
    "invert",
    15,
    Source = "1 - I",
    Says = "Bright becomes dark: I + amount (1 - 2 I), for intensities of 0 to 1.",
    Example = "normalise: { epsilon: 1e-6 }\ninvert: { amount: 1 }")]
public sealed record Invert(
    [property: Allowed(0, 1, Says = "1 turns the intensities over, 0 leaves them; drawn once.")] Law Amount)
    : VoxelComponent<Invert.Drawn>
{
    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Amount = drawing.Number(Amount, 0) };

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>a.</summary>
        [Recorded("invertAmount")]
        public float Amount;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F inside = F.Min(F.Max(value, F.Of(0f)), F.Of(1f));
            return F.WhereNumber(value, F.Lerp(inside, F.Of(1f) - inside, F.Of(drawn.Amount)), value);
        }
    }
}
