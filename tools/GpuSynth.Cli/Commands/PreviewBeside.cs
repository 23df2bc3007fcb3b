using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Comparing;
using GpuSynth.Torch.Reports;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth preview --beside": samples of a recipe set beside real images.</summary>
internal sealed class PreviewBeside(ChosenSamples samples, string folder, string path, ToolContext context)
{
    /// <summary>Samples where the command line does not say how many.</summary>
    public const int UsualCount = 16;

    private const int MostReal = 64;
    private const int ShownPairs = 4;

    /// <summary>Measures both, writes the page and prints the numbers.</summary>
    /// <param name="isJson">Whether they are printed as JSON.</param>
    /// <param name="commandLine">What made the page.</param>
    public void Run(bool isJson, string commandLine)
    {
        var notices = new Notices();
        IReadOnlyList<(string Name, string Path)> files = RealImage.Find(folder, MostReal, notices);
        context.Output.Tell(notices);
        SynthesisPlan plan = SynthesisPlan.Create(samples.ToEngineOptions());
        context.Output.Tell(plan.Options.LabelMaps?.Notices);
        context.Output.SayIfItCompiles(plan.Options.Device);
        List<(RealImage Image, ImageStatistics Statistics)> real = [];
        List<ImageStatistics> synthetic = [];
        List<float[]> shownReal = [];
        List<float[]> shownSynthetic = [];
        WatchedWork.Run(context.Output, isJson, "measuring", files.Count + samples.Count, before: 0, isComplete =>
        {
            foreach ((string name, string file) in files)
            {
                context.Stop.ThrowIfCancellationRequested();
                var image = RealImage.Read(name, file, samples.Shape.Dimensions);
                var statistics = ImageStatistics.Of(name, image.Values, image.Shape);
                if (shownReal.Count < ShownPairs)
                {
                    shownReal.Add(image.Middle(samples.Shape));
                }

                // Only its numbers are needed from here on.
                real.Add((image with { Values = [] }, statistics));
                isComplete();
            }

            using var engine = new SynthesisEngine(plan);
            byte[] label = new byte[samples.Shape.VoxelCount];
            DrawnSample drawn = engine.CreateDrawn();
            for (long index = samples.Start; index < samples.Start + samples.Count; index++)
            {
                context.Stop.ThrowIfCancellationRequested();
                float[] image = new float[samples.Shape.VoxelCount];
                engine.Generate(SampleKey.Of(index), image, label, drawn);
                synthetic.Add(ImageStatistics.Of($"sample {index}", image, samples.Shape));
                if (shownSynthetic.Count < ShownPairs)
                {
                    shownSynthetic.Add(image);
                }

                isComplete();
            }
        });
        var comparison = Comparison.Of(samples.Recipe.Name, folder, real, synthetic);
        AtomicFile.WriteText(path, ComparisonPage.ToHtml(comparison, Slices(shownReal, shownSynthetic), commandLine));
        Print(comparison, isJson);
    }

    private ReportPicture Slices(List<float[]> real, List<float[]> synthetic)
    {
        var picture = new SlicePicture(samples.Shape);
        for (int row = 0; row < Math.Min(real.Count, synthetic.Count); row++)
        {
            picture = row > 0 ? picture.NextRow() : picture;
            picture.Grey(real[row]).Grey(synthetic[row]);
        }

        string slices = samples.Shape.Dimensions == 3 ? "middle slices (axial, coronal, sagittal)" : "images";
        return new ReportPicture(
            $"In every pair a real image on the left and a sample on the right: {slices}, as many voxels of each ({samples.Shape}), quantiles of 1 % and 99 % black and white",
            picture.ToPng());
    }

    private void Print(Comparison comparison, bool isJson)
    {
        if (isJson)
        {
            context.Output.Data.WriteLine(comparison.ToJson());
            return;
        }

        Table table = Output.Table(Comparison.Headers[0], ">" + Comparison.Headers[1], ">" + Comparison.Headers[2], ">" + Comparison.Headers[3]);
        foreach (string[] row in comparison.Rows())
        {
            Output.AddRow(table, row);
        }

        context.Output.DataConsole.Write(table);
        context.Output.Data.WriteLine(comparison.DistanceText());
        context.Output.Messages.WriteLine(Comparison.Method);
        context.Output.Data.WriteLine(path);
    }
}
