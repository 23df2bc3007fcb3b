using System.Numerics.Tensors;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Probing;

/// <summary>One anatomy in two appearances, and voxels of it.</summary>
/// <param name="First">The first appearance, z-scored.</param>
/// <param name="Second">The second.</param>
/// <param name="Labels">The labels of both.</param>
/// <param name="Voxels">Voxels that are looked at, in random order.</param>
internal sealed record SyntheticPair(ProbeImage First, ProbeImage Second, byte[] Labels, int[] Voxels);

/// <summary>Pairs from the engine, and what features make of them.</summary>
internal static class SyntheticPairs
{
    /// <summary>Voxels whose nearest is sought.</summary>
    public const int Queries = 512;

    /// <summary>Voxels of the other appearance among which it is sought, the queries' own among them.</summary>
    public const int Candidates = 2048;

    private const int Count = 2;
    private const int NearVoxels = 2;
    private const ulong Seed = 0x70726F6265; // Samples that no run with a usual seed was trained on.

    /// <summary>Two pairs: keys (n, 2 n) and (n, 2 n + 1).</summary>
    public static SyntheticPair[] Of(Recipe recipe, VolumeShape shape)
    {
        using var engine = new SynthesisEngine(SynthesisPlan.Create(
            new EngineOptions { Recipe = recipe, Shape = shape, BatchSize = 1, Seed = Seed, Threads = 1 }));
        DrawnSample drawn = engine.CreateDrawn();
        var pairs = new SyntheticPair[Count];
        for (int n = 0; n < Count; n++)
        {
            byte[] labels = new byte[shape.VoxelCount];
            ProbeImage Appearance(int number)
            {
                float[] image = new float[shape.VoxelCount];
                engine.Generate(new SampleKey((ulong)n, (ulong)number), image, labels, drawn);
                IntensityScale.ZScore.Apply(image);
                return new ProbeImage(image, 1, shape);
            }

            ProbeImage first = Appearance(2 * n);
            ProbeImage second = Appearance((2 * n) + 1);
            var random = new PlaceRandom(Seed, (ulong)n, PlaceRandom.ProbePairStream);
            pairs[n] = new SyntheticPair(
                first, second, labels, ProbeCase.Drawn([.. Enumerable.Range(0, labels.Length)], Candidates, ref random));
        }

        return pairs;
    }

    /// <summary>The measures of one level.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="rows">For every pair the features [voxels, channels] of the first and of the second appearance.</param>
    /// <param name="channels">Channels.</param>
    public static PairMeasures Measure(SyntheticPair[] pairs, (float[] First, float[] Second)[] rows, int channels)
    {
        ChannelScale scale = ChannelScale.Of([.. rows.SelectMany(static pair => new[] { pair.First, pair.Second })], channels);
        (float[] First, float[] Second)[] units =
        [
            .. rows.Select(pair => (
                UnitFeatures.Of(scale.Apply(pair.First), channels), UnitFeatures.Of(scale.Apply(pair.Second), channels))),
        ];
        List<PairMeasures> all = [];
        for (int n = 0; n < pairs.Length; n++)
        {
            (float[] first, float[] second) = units[n];
            int half = first.Length / channels / 2 * channels;
            (double label, double labelChance, double near, double nearChance) = Retrieval(pairs[n], first, second, channels);
            all.Add(new PairMeasures(
                UnitFeatures.Alignment(first, second, channels),
                UnitFeatures.Uniformity(first[..half], first[half..(2 * half)], channels),
                UnitFeatures.Uniformity(first, units[(n + 1) % pairs.Length].Second, channels),
                label, labelChance, near, nearChance));
        }

        return PairMeasures.Mean(all);
    }

    private static (double Label, double LabelChance, double Near, double NearChance) Retrieval(
        SyntheticPair pair, float[] first, float[] second, int channels)
    {
        int[] voxels = pair.Voxels;
        int queries = Math.Min(Queries, voxels.Length);
        double label = 0, labelChance = 0, near = 0, nearChance = 0;
        for (int n = 0; n < queries; n++)
        {
            (int best, float highest) = (0, float.NegativeInfinity);
            for (int m = 0; m < voxels.Length; m++)
            {
                float similarity = TensorPrimitives.Dot(
                    first.AsSpan(n * channels, channels), second.AsSpan(m * channels, channels));
                (best, highest) = similarity > highest ? (m, similarity) : (best, highest);
                labelChance += pair.Labels[voxels[m]] == pair.Labels[voxels[n]] ? 1 : 0;
                nearChance += IsNear(pair.First.Shape, voxels[n], voxels[m]) ? 1 : 0;
            }

            label += pair.Labels[voxels[best]] == pair.Labels[voxels[n]] ? 1 : 0;
            near += IsNear(pair.First.Shape, voxels[n], voxels[best]) ? 1 : 0;
        }

        double all = (double)queries * voxels.Length;
        return (label / queries, labelChance / all, near / queries, nearChance / all);
    }

    private static bool IsNear(VolumeShape shape, int a, int b)
    {
        int plane = shape.Width * shape.Height;
        int z = (a / plane) - (b / plane);
        int y = (a / shape.Width % shape.Height) - (b / shape.Width % shape.Height);
        int x = (a % shape.Width) - (b % shape.Width);
        return (z * z) + (y * y) + (x * x) <= NearVoxels * NearVoxels;
    }
}
