namespace GpuSynth.Kernels;

/// <summary>I += white normal noise (<see cref="WhiteNoise"/>). Source: RaSD (arXiv 2602.12317), appearance step 7.</summary>
/// <param name="StdOfMaximum">
/// Standard deviation as a fraction of max|I|, drawn once per sample; RaSD: uniform(0.05, 0.4).
/// </param>
[Component(
    "noise",
    Streams.NoiseLaws,
    Source = "RaSD, step 7",
    Says = "White noise (RaSD, step 7); absent: none.")]
public sealed record Noise(
    [property: Allowed(
        0, 4, Says = "Standard deviation as a fraction of the largest magnitude, drawn once. RaSD: uniform 0.05 to 0.4.")]
    Law StdOfMaximum)
    : Component<Noise.Drawn>
{
    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { StdOfMaximum = drawing.Number(StdOfMaximum, 0) };

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Standard deviation of the noise as a fraction of max|I|.</summary>
        [Recorded("noiseStdOfMaximum")]
        public float StdOfMaximum;
    }
}
