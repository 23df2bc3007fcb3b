using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// I^g on intensities of 0 to 1, as e^(g ln I): 0 stays 0 and 1 stays 1, exactly, whatever a device's exp and log make of them. What lies
/// outside is clamped; a NaN stays one. Source: RaSD (arXiv 2602.12317), appearance step 10.
/// </summary>
/// <remarks>
/// Behind <see cref="Normalise"/> of epsilon 0 it is SynthSeg's, ((I - min) / (max - min))^g, g = e^N(0, 0.5): a log-normal law of median 1; behind a
/// <see cref="Window"/> of level 150 and width 300 it is Brain-ID's, (I / 300)^g of 0 to 300, g = e^N(0, 0.1). What keeps its range: <see cref="RangeGamma"/>.
/// </remarks>
/// <param name="Exponent">g, drawn once per sample, 0.01 to 10; RaSD: uniform(0.5, 1.5).</param>
[Component(
    "gamma",
    Streams.GammaLaws,
    Source = "RaSD, step 10",
    Says = "I to the power of the exponent (RaSD, step 10); needs normalise or a window before it.",
    Example = "normalise: { epsilon: 1e-6 }\ngamma: { exponent: 2.2 }")]
public sealed record Gamma(
    [property: Allowed(0.01, 10, Says = "Exponent, drawn once. RaSD: uniform 0.5 to 1.5; log-normal of median 1, SynthSeg: sigma 0.5, Brain-ID: 0.1.")]
    Law Exponent)
    : VoxelComponent<Gamma.Drawn>
{
    private const float SmallestNormal = 1.17549435e-38f;

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at)
    {
        const string Need = "for a power of a negative intensity is not a number";
        if (!list.Any(static component => component is Normalise or Window))
        {
            yield return $"needs normalise or a window, {Need}; add normalise: {{ epsilon: 1e-6 }} or take gamma away";
        }
        else if (!list.Take(at).Any(static component => component is Normalise or Window))
        {
            yield return $"needs normalise or a window before it, {Need}; put it behind one";
        }
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Exponent = drawing.Number(Exponent, 0) };

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>g.</summary>
        [Recorded("gamma")]
        public float Exponent;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F power = Power<F, U>(value, drawn.Exponent);
            return F.WhereNumber(value, power, value);
        }
    }

    /// <summary>A power of what is clamped to 0 to 1, both of which are kept; of a NaN any number.</summary>
    /// <param name="value">What is clamped.</param>
    /// <param name="exponent">Above 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F Power<F, U>(F value, float exponent)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        // Not Pow: on a GPU it is ten times the code, some of it in double.
        F power = F.Exp(F.Log(F.Max(value, F.Of(SmallestNormal))) * F.Of(exponent));
        power = F.WhereAtMost(F.Of(1f), value, F.Of(1f), power);
        return F.WhereAtMost(value, F.Of(0f), F.Of(0f), power);
    }
}
