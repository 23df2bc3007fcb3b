using System.Numerics;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>The discrete Fourier transform as its formula says it, in double, and samples with and without a component.</summary>
internal static class Fourier
{
    /// <summary>X[k] = sum_x I[x] e^(-2 pi i k x / N) along one axis (0 is z, 1 is y, 2 is x), or its inverse.</summary>
    public static Complex[] Along(IReadOnlyList<Complex> image, VolumeShape shape, int axis, bool inverse)
    {
        (int length, int step) = axis switch
        {
            0 => (shape.Depth, shape.Height * shape.Width),
            1 => (shape.Height, shape.Width),
            _ => (shape.Width, 1),
        };
        double sign = inverse ? 2 : -2;
        Complex[] wave = [.. Enumerable.Range(0, length).Select(place => Complex.FromPolarCoordinates(inverse ? 1.0 / length : 1, sign * Math.PI * place / length))];
        var after = new Complex[image.Count];
        for (int voxel = 0; voxel < after.Length; voxel++)
        {
            int at = voxel / step % length;
            int first = voxel - (at * step);
            for (int other = 0; other < length; other++)
            {
                after[voxel] += image[first + (other * step)] * wave[(int)((long)at * other % length)];
            }
        }

        return after;
    }

    /// <summary>The transform of a whole image, or its inverse.</summary>
    public static Complex[] Of(IEnumerable<Complex> image, VolumeShape shape, bool inverse)
    {
        Complex[] all = [.. image];
        for (int axis = 0; axis < 3; axis++)
        {
            all = Along(all, shape, axis, inverse);
        }

        return all;
    }

    /// <summary>Numbers as complex ones.</summary>
    public static Complex[] Complexes(IEnumerable<float> values) => [.. values.Select(static value => new Complex(value, 0))];

    /// <summary>A sample of smooth labels without a component and with it, on a device.</summary>
    public static (RenderedSample Before, RenderedSample After) With(VolumeShape shape, Component component, int sample, string device)
    {
        Recipe recipe = new(
            "with",
            shape.Dimensions,
            [new NoiseAnatomy(SideMeasure.Of(5), new NoiseGrids([SideMeasure.Of(3)], 1), null)],
            [new Contrast(new UniformLaw(0, 1)), component]);
        return (
            Sample(Options(recipe with { Appearance = [recipe.Appearance[0]] }, shape), SampleKey.Of(sample)),
            Sample(Options(recipe, shape, threads: 2) with { Device = device }, SampleKey.Of(sample)));
    }
}
