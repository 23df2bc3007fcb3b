using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// I = m[label], one mean intensity per label. Values: the same on every device, bit for bit. Source: RaSD (arXiv 2602.12317), appearance
/// step 5.
/// </summary>
/// <param name="Mean">Mean intensity, drawn per label, one for labels of one tissue; RaSD: uniform(0, 1).</param>
[Component(
    "contrast",
    Streams.ContrastLaws,
    Source = "RaSD, step 5",
    Says = "Mean intensity per label (RaSD, step 5).",
    Example = "contrast: { mean: { uniform: [0, 1] } }")]
public sealed record Contrast(
    [property: Allowed(
        -1e6,
        1e6,
        PerLabel = true,
        Says = "Mean intensity, drawn per label; perLabel: the last law is every further label's too. RaSD: uniform 0 to 1.")]
    Law Mean)
    : VoxelComponent<Contrast.Drawn>
{
    /// <inheritdoc/>
    public override bool Begins => true;

    /// <inheritdoc/>
    public override bool ReadsLabels => true;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => facts.LabelCount;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Means = drawing.EachLabel(Mean, 0) };

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new Step(LinkAt(in place), place.Entry.First);

    /// <summary>On the host the largest mean bounds every intensity.</summary>
    private sealed unsafe class Step(Link<Drawn> link, int first) : HostStep<Link<Drawn>>(link)
    {
        public override long MemoryLength => 1;

        public override void Prepare(in HostSample sample, float* memory, float* scratch)
        {
            WordList means = Real16.Drawn<Drawn>(sample.Row, first).Means;
            *memory = MathF.Abs(TensorPrimitives.MaxMagnitude(
                new ReadOnlySpan<float>((float*)sample.Row.WordsAddress + means.First, means.Count)));
        }

        public override float Bound(float before, int z, int y, float* memory, float* scratch) => *memory;
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>Mean intensity per label.</summary>
        [Recorded("means")]
        public WordList Means;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> => voxel.Look(drawn.Means, voxel.Label);
    }
}
