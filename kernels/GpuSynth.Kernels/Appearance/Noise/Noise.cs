namespace GpuSynth.Kernels;

/// <summary>I += white normal noise (<see cref="WhiteNoise"/>). Source: RaSD (arXiv 2602.12317), appearance step 7.</summary>
/// <param name="StdOfMaximum">
/// Standard deviation as a fraction of max|I|, drawn once per sample; RaSD: uniform(0.05, 0.4).
/// </param>
[Component(
    "noise",
    Streams.NoiseLaws,
    Source = "RaSD, step 7",
    Says = "White noise (RaSD, step 7).")]
public sealed record Noise(
    [property: Allowed(
        0, 4, Says = "Standard deviation as a fraction of the largest magnitude, drawn once. RaSD: uniform 0.05 to 0.4.")]
    Law StdOfMaximum)
    : Component<Noise.Drawn>, IChainComponent
{
    /// <inheritdoc/>
    public bool ReadsLabels => false;

    /// <inheritdoc/>
    public MeasureNeed Needs => MeasureNeed.Peak;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { StdOfMaximum = drawing.Number(StdOfMaximum, 0) };

    /// <inheritdoc/>
    public HostStep CreateStep(in StepPlace place) => new Step(place);

    private sealed unsafe class Step(StepPlace place) : HostStep
    {
        private RandomPlace random;

        public override void Prepare(in HostSample sample, float* memory, float* scratch) =>
            random = sample.Place(Streams.NoiseVoxels | ((uint)place.Entry.Occurrence << 16));

        public override void Run(in HostBlock block)
        {
            float peak = MathF.Max(MathF.Abs(block.Measured[place.Slot]), MathF.Abs(block.Measured[place.Slot + 1]));
            float sigma = ((Drawn*)(block.Words + place.Entry.First))->StdOfMaximum * peak;
            WhiteNoise.HostAdd(block.Values, block.First, block.Count, in random, sigma);
        }
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Standard deviation of the noise as a fraction of max|I|.</summary>
        [Recorded("noiseStdOfMaximum")]
        public float StdOfMaximum;
    }
}
