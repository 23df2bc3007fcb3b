using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// I += s z, z ~ N(0, 1) per voxel, s the drawn fraction of the largest magnitude before it; the element of z is the voxel's linear index. Source: RaSD (arXiv 2602.12317), appearance step 7.
/// </summary>
/// <param name="StdOfMaximum">
/// Standard deviation as a fraction of max|I|, drawn once per sample; RaSD: uniform(0.05, 0.4).
/// </param>
[Component(
    "noise",
    Streams.NoiseLaws,
    Degrades = true,
    Source = "RaSD, step 7",
    Says = "White noise (RaSD, step 7).",
    Example = "noise: { stdOfMaximum: 0.15 }")]
public sealed record Noise(
    [property: Allowed(
        0, 4, Says = "Standard deviation as a fraction of the largest magnitude, drawn once. RaSD: uniform 0.05 to 0.4.")]
    Law StdOfMaximum)
    : RandomComponent<Noise.Drawn>
{
    /// <inheritdoc/>
    public override MeasureNeed Needs => MeasureNeed.Peak;

    /// <inheritdoc/>
    public override uint VoxelStream => Streams.NoiseVoxels;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { StdOfMaximum = drawing.Number(StdOfMaximum, 0) };

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.StdOfMaximum = 0;

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IRandomMath<Drawn>
    {
        /// <summary>Standard deviation of the noise as a fraction of max|I|.</summary>
        [Recorded("noiseStdOfMaximum")]
        public float StdOfMaximum;

        /// <summary>Measured: standard deviation of the noise.</summary>
        public float Std;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => new()
        {
            StdOfMaximum = drawn.StdOfMaximum,
            Std = drawn.StdOfMaximum * KernelMath.Max(KernelMath.Abs(minimum), KernelMath.Abs(maximum)),
        };

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in RandomPlace place, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            Four<F> noise = Normal.Block<F, U>(in place, voxels.Block);
            F std = F.Of(drawn.Std);
            return new Four<F>(
                F.Fma(noise.A, std, values.A),
                F.Fma(noise.B, std, values.B),
                F.Fma(noise.C, std, values.C),
                F.Fma(noise.D, std, values.D));
        }
    }
}
