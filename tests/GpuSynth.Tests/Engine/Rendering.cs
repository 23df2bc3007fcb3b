using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Engine;

/// <summary>One rendered sample, in memory of its own.</summary>
internal sealed record RenderedSample(float[] Image, byte[] Label, DrawnSample Drawn)
{
    /// <summary>The exact bits of the image and the labels.</summary>
    public bool HasSameBytes(RenderedSample other) =>
        MemoryMarshal.AsBytes<float>(Image).SequenceEqual(MemoryMarshal.AsBytes<float>(other.Image))
        && Label.AsSpan().SequenceEqual(other.Label);
}

/// <summary>Engines and samples for tests.</summary>
internal static class Rendering
{
    public const ulong Seed = 20261121;

    public static EngineOptions Options(
        Recipe recipe,
        VolumeShape shape,
        int batchSize = 1,
        int threads = 1,
        ulong seed = Seed) =>
        new() { Recipe = recipe, Shape = shape, BatchSize = batchSize, Threads = threads, Seed = seed };

    public static EngineOptions Options(
        string preset,
        VolumeShape shape,
        int batchSize = 1,
        int threads = 1,
        ulong seed = Seed) =>
        Options(Presets.Get(preset), shape, batchSize, threads, seed);

    /// <summary>The preset of a shape's dimensions.</summary>
    public static Recipe RecipeFor(VolumeShape shape) => Presets.Get(shape.Dimensions == 3 ? "rasd-3d" : "rasd-2d");

    /// <summary>rasd-3d or rasd-2d with all stages of the appearance off but those given.</summary>
    public static Recipe Only(
        int dimensions,
        Law mean,
        Bias? bias = null,
        Noise? noise = null,
        Blur? blur = null,
        Normalise? normalise = null,
        Gamma? gamma = null)
    {
        Recipe preset = Presets.Get($"rasd-{dimensions}d");
        Component?[] stages = [new Contrast(mean), bias, noise, blur, normalise, gamma];
        return new Recipe("test", dimensions, preset.Anatomy, [.. stages.OfType<Component>()]);
    }

    /// <summary>A recipe whose intensities leave the range of a float: each noise makes the largest ten times what it was.</summary>
    public static Recipe BeyondAFloat(int dimensions)
    {
        Recipe once = Only(dimensions, 1e6);
        return once with { Appearance = [.. once.Appearance, .. Enumerable.Repeat(new Noise(4), 60)] };
    }

    public static SynthesisEngine Start(EngineOptions options) => new(SynthesisPlan.Create(options));

    public static RenderedSample Sample(EngineOptions options, SampleKey key)
    {
        using SynthesisEngine engine = Start(options);
        return Sample(engine, key);
    }

    public static RenderedSample Sample(SynthesisEngine engine, SampleKey key)
    {
        long voxels = engine.Plan.Options.Shape.VoxelCount;
        RenderedSample sample = new(new float[voxels], new byte[voxels], engine.CreateDrawn());
        engine.Generate(key, sample.Image, sample.Label, sample.Drawn);
        return sample;
    }

    /// <summary>What was drawn, rendered again.</summary>
    public static RenderedSample Applied(SynthesisEngine engine, DrawnSample drawn)
    {
        long voxels = engine.Plan.Options.Shape.VoxelCount;
        RenderedSample sample = new(new float[voxels], new byte[voxels], drawn);
        engine.Apply(drawn, sample.Image, sample.Label);
        return sample;
    }

    /// <summary>What a number of samples draw, without keeping what they look like.</summary>
    public static T[] Drawn<T>(EngineOptions options, int count, Func<DrawnSample, T> take)
    {
        using SynthesisEngine engine = Start(options);
        long voxels = options.Shape.VoxelCount;
        var image = new float[voxels];
        var label = new byte[voxels];
        DrawnSample drawn = engine.CreateDrawn();
        var taken = new T[count];
        for (int sample = 0; sample < count; sample++)
        {
            engine.Generate(SampleKey.Of(sample), image, label, drawn);
            taken[sample] = take(drawn);
        }

        return taken;
    }

    public static DrawnSample[] DrawnFor(SynthesisEngine engine) =>
        [.. Enumerable.Range(0, engine.Plan.Options.BatchSize).Select(_ => engine.CreateDrawn())];
}
