using System.Globalization;
using System.Text.Json;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Comparing;

/// <summary>Real images beside synthetic ones: the statistics of both, and how far apart they lie.</summary>
/// <param name="Recipe">What made the synthetic ones.</param>
/// <param name="Folder">Where the real ones lie.</param>
/// <param name="RealImages">Names of the real ones.</param>
/// <param name="RealSpacing">The median of their voxel spacings in mm, depth x height x width: a recipe's voxels have none.</param>
/// <param name="SyntheticImages">How many synthetic ones.</param>
/// <param name="Measures">Every measure of <see cref="ImageStatistics.Names"/>.</param>
/// <param name="Distance">Between the two sets.</param>
/// <param name="RealDistance">Between every other real image and the rest of them: what is as near as real images are. Null: there is one only.</param>
/// <param name="Real">Mean histograms and spectrum of the real images.</param>
/// <param name="Synthetic">The same of the synthetic ones.</param>
public sealed record Comparison(
    string Recipe, string Folder, IReadOnlyList<string> RealImages, VoxelSpacing RealSpacing, int SyntheticImages,
    IReadOnlyList<ComparedMeasure> Measures, SetDistance Distance, SetDistance? RealDistance, MeanStatistics Real, MeanStatistics Synthetic)
{
    /// <summary>How the numbers were made.</summary>
    public const string Method =
        "Intensities: quantiles of 1 % and 99 % of each image brought to 0 and 1. Lengths: voxels, whatever their spacing. Each number: the median over images "
        + "and the middle half of them. Place: the share of the real images that lie below the synthetic median; far from 50 % is what to tune. Distances: "
        + "earth mover's distance of the mean histograms (intensity; gradient), and the root mean square difference of the mean spectra in dB.";

    /// <summary>Compares two sets.</summary>
    /// <param name="recipe">What made the synthetic ones.</param>
    /// <param name="folder">Where the real ones lie.</param>
    /// <param name="real">The real ones, one or more.</param>
    /// <param name="synthetic">The synthetic ones, one or more.</param>
    public static Comparison Of(
        string recipe, string folder, IReadOnlyList<(RealImage Image, ImageStatistics Statistics)> real, IReadOnlyList<ImageStatistics> synthetic)
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(synthetic);
        ImageStatistics[] all = [.. real.Select(static one => one.Statistics)];
        (MeanStatistics ofReal, MeanStatistics ofSynthetic) = (MeanStatistics.Of(all), MeanStatistics.Of(synthetic));
        return new Comparison(
            recipe, folder, [.. real.Select(static one => one.Image.Name)], VoxelSpacing.Median([.. real.Select(static one => one.Image.Spacing)]),
            synthetic.Count,
            [.. ImageStatistics.Names.Select((name, n) => ComparedMeasure.Of(
                name.Name, [.. all.Select(one => one.Measures[n])], [.. synthetic.Select(one => one.Measures[n])]))],
            SetDistance.Between(ofReal, ofSynthetic),
            all.Length < 2 ? null : SetDistance.Between(
                MeanStatistics.Of([.. all.Where(static (_, n) => n % 2 == 0)]), MeanStatistics.Of([.. all.Where(static (_, n) => n % 2 == 1)])),
            ofReal, ofSynthetic);
    }

    /// <summary>All of it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Form);

    /// <summary>The headers of <see cref="Rows"/>.</summary>
    public static IReadOnlyList<string> Headers { get; } = ["Measure", "Real", "Synthetic", "Place"];

    /// <summary>A row of text for each measure.</summary>
    public IEnumerable<string[]> Rows() => Measures.Select(static one => new[]
    {
        one.Name, one.Real.ToString(), one.Synthetic.ToString(), ReportText.Percent(one.Place),
    });

    /// <summary>The distances, in a sentence.</summary>
    public string DistanceText()
    {
        string real = RealDistance is { } inside
            ? string.Create(CultureInfo.InvariantCulture, $"; between two halves of the real images {inside.Histogram:f3}, {inside.Gradient:f4} and {inside.SpectrumDecibel:f1} dB")
            : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Distance of real and synthetic: histogram {Distance.Histogram:f3}, gradient {Distance.Gradient:f4}, spectrum {Distance.SpectrumDecibel:f1} dB{real}.");
    }
}

/// <summary>A measure of both sets.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Real">Of the real images.</param>
/// <param name="Synthetic">Of the synthetic ones.</param>
/// <param name="Place">Share of the real images that lie below the synthetic median; half of those that equal it.</param>
public sealed record ComparedMeasure(string Name, Quartiles Real, Quartiles Synthetic, double Place)
{
    /// <summary>Of the images' values.</summary>
    public static ComparedMeasure Of(string name, IReadOnlyList<double> real, IReadOnlyList<double> synthetic)
    {
        (Quartiles ofReal, Quartiles ofSynthetic) = (Quartiles.Of(real), Quartiles.Of(synthetic));
        double below = real.Sum(value => value < ofSynthetic.Median ? 1 : value == ofSynthetic.Median ? 0.5 : 0);
        return new ComparedMeasure(name, ofReal, ofSynthetic, below / real.Count);
    }
}

/// <summary>The middle of several values.</summary>
/// <param name="Low">A quarter is below.</param>
/// <param name="Median">Half is below.</param>
/// <param name="High">Three quarters are below.</param>
public sealed record Quartiles(double Low, double Median, double High)
{
    /// <summary>Of the values that are numbers.</summary>
    public static Quartiles Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0
            ? new Quartiles(double.NaN, double.NaN, double.NaN)
            : new Quartiles(Bootstrap.Quantile(sorted, 0.25), Bootstrap.Quantile(sorted, 0.5), Bootstrap.Quantile(sorted, 0.75));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Median:0.000} ({Low:0.000} to {High:0.000})");
}

/// <summary>Means over the images of a set.</summary>
/// <param name="Histogram">Shares of the intensities.</param>
/// <param name="Gradients">Shares of the gradients' lengths.</param>
/// <param name="SpectrumDecibel">Mean over images of 10 log10 of the relative power, per ring; not a number where no image has any.</param>
public sealed record MeanStatistics(IReadOnlyList<double> Histogram, IReadOnlyList<double> Gradients, IReadOnlyList<double> SpectrumDecibel)
{
    /// <summary>Of one image or more.</summary>
    public static MeanStatistics Of(IReadOnlyList<ImageStatistics> images) => new(
        Mean(images, static one => one.Histogram),
        Mean(images, static one => one.Gradients),
        Mean(images, static one => [.. one.Spectrum.Select(static power => 10 * Math.Log10(power))]));

    private static double[] Mean(IReadOnlyList<ImageStatistics> images, Func<ImageStatistics, IReadOnlyList<double>> of)
    {
        IReadOnlyList<double>[] all = [.. images.Select(of)];
        return
        [
            .. Enumerable.Range(0, all[0].Count).Select(n =>
                all.Select(one => one[n]).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average()),
        ];
    }
}

/// <summary>How far apart two sets lie.</summary>
/// <param name="Histogram">Earth mover's distance of the intensities, in ranges of 1.</param>
/// <param name="Gradient">The same of the gradients' lengths, per voxel.</param>
/// <param name="SpectrumDecibel">Root mean square difference of the spectra over the rings, in dB.</param>
public sealed record SetDistance(double Histogram, double Gradient, double SpectrumDecibel)
{
    /// <summary>Between two sets' means.</summary>
    public static SetDistance Between(MeanStatistics one, MeanStatistics other)
    {
        double[] squares =
        [
            .. one.SpectrumDecibel.Zip(other.SpectrumDecibel, static (a, b) => (a - b) * (a - b)).Where(double.IsFinite),
        ];
        return new SetDistance(
            EarthMover(one.Histogram, other.Histogram), 0.5 * EarthMover(one.Gradients, other.Gradients),
            squares.Length == 0 ? double.NaN : Math.Sqrt(squares.Average()));
    }

    // Of histograms over 0 to 1: the area between their cumulative sums.
    private static double EarthMover(IReadOnlyList<double> one, IReadOnlyList<double> other)
    {
        (double sum, double area) = (0, 0);
        for (int n = 0; n < one.Count; n++)
        {
            sum += one[n] - other[n];
            area += Math.Abs(sum) / one.Count;
        }

        return area;
    }
}
