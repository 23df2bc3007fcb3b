using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// min + (max - min) t^g, t = (I - min) / (max - min), over the sample: a gamma curve that keeps the range of the intensities, whatever it is. A flat
/// image stays as it is; a NaN stays one. Source: cornucopia's GammaTransform.
/// </summary>
/// <param name="Exponent">g, drawn once per sample, 0.01 to 10; cornucopia: e^N(0, 0.6).</param>
[Component(
    "rangeGamma",
    150,
    Source = "cornucopia",
    Says = "A gamma curve between the smallest and the largest intensity of the sample, which both stay.",
    Example = "rangeGamma: { exponent: 2.2 }")]
public sealed record RangeGamma(
    [property: Allowed(0.01, 10, Says = "Exponent, drawn once. cornucopia: log-normal of median 1 and sigma 0.6.")] Law Exponent)
    : RangeComponent<RangeGamma.Drawn>
{
    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Exponent = drawing.Number(Exponent, 0) };

    /// <summary>What is drawn and measured, and what it does.</summary>
    public struct Drawn : IRangeMath<Drawn>
    {
        /// <summary>g.</summary>
        [Recorded("rangeGamma")]
        public float Exponent;

        /// <summary>Measured: smallest intensity of the sample.</summary>
        public float Minimum;

        /// <summary>Measured: max - min; 1 where that is 0.</summary>
        public float Range;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum)
        {
            float range = maximum - minimum;
            return new() { Exponent = drawn.Exponent, Minimum = minimum, Range = range == 0f ? 1f : range };
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F share = F.Over(value - F.Of(drawn.Minimum), drawn.Range);
            F curved = F.Fma(Gamma.Power<F, U>(share, drawn.Exponent), F.Of(drawn.Range), F.Of(drawn.Minimum));
            return F.WhereNumber(value, curved, value);
        }
    }
}
