using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Comparing;

/// <summary>The page of real images beside synthetic ones: slices, curves, numbers.</summary>
internal static class ComparisonPage
{
    /// <summary>The page, which needs no other file.</summary>
    public static string ToHtml(Comparison comparison, ReportPicture slices, string command)
    {
        string folder = ReportText.FolderName(comparison.Folder);
        HtmlReport report = new(comparison.Recipe, $"Real images of {folder} beside synthetic ones of {comparison.Recipe}");
        report.Tiles(
        [
            ("Real", ReportText.Count(comparison.RealImages.Count), $"images, voxels of {comparison.RealSpacing}"),
            ("Synthetic", ReportText.Count(comparison.SyntheticImages), $"samples of {comparison.Recipe}"),
            Tile("Histogram", static one => one.Histogram, 3, comparison),
            Tile("Gradient", static one => one.Gradient, 4, comparison),
            Tile("Spectrum, dB", static one => one.SpectrumDecibel, 1, comparison),
        ]);
        report.Section("Side by side").Picture(slices);
        report.Section("Curves");
        double[] places = [.. Enumerable.Range(0, ImageStatistics.Bins).Select(static n => (n + 0.5) / ImageStatistics.Bins)];
        report.Chart(Chart("Intensities", "intensity", "share of the voxels", places, static one => one.Histogram, comparison) with
        {
            IncludeY = 0,
            XTicks = [0, 0.25, 0.5, 0.75, 1],
        });
        report.Chart(Chart(
            "Gradients", "length per voxel", "share of the voxels", [.. places.Select(static place => place / 2)], static one => one.Gradients, comparison) with
        {
            IsLogY = true,
        });
        report.Chart(Chart(
            "Spectrum", "cycles per voxel", "power, dB over white noise",
            [.. Enumerable.Range(0, SliceSpectrum.Rings).Select(SliceSpectrum.Frequency)], static one => one.SpectrumDecibel, comparison) with
        {
            IsLogX = true,
        });
        report.Section("Numbers").Paragraph(Comparison.Method);
        report.Table("Real and synthetic", [.. Comparison.Headers], [.. comparison.Rows()]);
        report.Paragraph(comparison.DistanceText());
        report.Table("What they are", ["Measure", "Meaning"], [.. ImageStatistics.Names.Select(static one => (string[])[one.Name, one.Says])]);
        report.Section("The images").Paragraph(string.Join(", ", comparison.RealImages));
        return report.Section("Make it again").Code(command).ToHtml();
    }

    private static (string, string, string) Tile(string name, Func<SetDistance, double> of, int decimals, Comparison comparison) => (
        name, ReportText.Fixed(of(comparison.Distance), decimals),
        comparison.RealDistance is { } inside ? $"{ReportText.Fixed(of(inside), decimals)} between halves of the real images" : "distance of the sets");

    private static LineChart Chart(
        string title, string x, string y, double[] places, Func<MeanStatistics, IReadOnlyList<double>> of, Comparison comparison) => new(
            title, x, y,
            [
                new ChartSeries("real", places, of(comparison.Real)) { Style = ChartStyle.Line },
                new ChartSeries("synthetic", places, of(comparison.Synthetic)) { Style = ChartStyle.Line },
            ]);
}
