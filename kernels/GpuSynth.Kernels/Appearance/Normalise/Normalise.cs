using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// (I - min) / (max - min + epsilon), over the sample: intensities of 0 to 1. A flat volume becomes 0, whatever epsilon.
/// Source: RaSD (arXiv 2602.12317), appearance step 9.
/// </summary>
/// <param name="Epsilon">Keeps what is flat but for rounding close to 0, 0 to 1; RaSD: 1e-6.</param>
[Component(
    "normalise",
    Streams.NormaliseLaws,
    Source = "RaSD, step 9",
    Says = "Intensities to 0 to 1: (I - min) / (max - min + epsilon) (RaSD, step 9).",
    Example = "contrast: { mean: { uniform: [0.3, 0.5] } }\nnormalise: { epsilon: 1e-6 }")]
public sealed record Normalise(
    [property: Allowed(0, 1, Says = "Added to the range. RaSD: 1e-6.")] double Epsilon)
    : RangeComponent<Normalise.Drawn>
{
    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Epsilon = (float)Epsilon };

    /// <summary>What is measured, and what it does.</summary>
    public struct Drawn : IRangeMath<Drawn>
    {
        /// <summary>Constant of the recipe: added to the range.</summary>
        public float Epsilon;

        /// <summary>Measured: smallest intensity of the sample.</summary>
        public float Minimum;

        /// <summary>Measured: max - min + epsilon; 1 where that is 0.</summary>
        public float Range;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum)
        {
            float range = maximum - minimum + drawn.Epsilon;
            return new() { Epsilon = drawn.Epsilon, Minimum = minimum, Range = range == 0f ? 1f : range };
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> => F.Over(value - F.Of(drawn.Minimum), drawn.Range);
    }
}
