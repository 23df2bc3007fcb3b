using System.CommandLine;
using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth preview": a picture of several samples, images beside coloured labels.</summary>
internal static class PreviewCommand
{
    private const int MostSamples = 64;

    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var arguments = new SampleArguments(MostSamples, presetCount: 4);
        var outFile = new Option<string>("--out")
        {
            Description = "The picture, a PNG file; with --beside the page, an HTML file.",
            HelpName = "FILE.png",
            Required = true,
        };
        var beside = new Option<string?>("--beside")
        {
            Description = "Real images (.nii.gz, .nii, .png, .tif, .jpg) to set beside the samples: slices, histograms, spectra and gradients, in numbers. "
                + "16 samples, if --count does not say otherwise.",
            HelpName = "DIR",
        };
        Option<bool> json = ToolOption.Json();
        var command = new Command(
            "preview", "Draw a sheet of slices: images beside coloured labels, several samples; or a page that sets them beside real images.");
        arguments.AddTo(command);
        command.Add(outFile);
        command.Add(beside);
        command.Add(json);
        command.SetAction(parsed =>
        {
            ChosenSamples samples = arguments.Read(parsed);
            (string path, bool isJson) = (parsed.GetRequiredValue(outFile), parsed.GetValue(json));
            if (parsed.GetValue(beside) is { } folder)
            {
                samples = arguments.IsCountGiven(parsed) ? samples : samples with { Count = PreviewBeside.UsualCount };
                new PreviewBeside(samples, folder, Named(path, ".html", "the page is an HTML file"), context)
                    .Run(isJson, ToolOption.CommandLine(parsed));
                return ExitCode.Done;
            }

            if (isJson)
            {
                throw new WrongUseException($"{json.Name}: a sheet of samples has no numbers; give {beside.Name} a folder of real images, or leave it out.");
            }

            Draw(samples, Named(path, ".png", "the picture is a PNG file"), context);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Named(string path, string ending, string what)
    {
        if (!path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        {
            throw new WrongUseException($"--out {path}: {what}; give it a name that ends in {ending}.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Directory.Exists(folder)
            ? path
            : throw new GpuSynthException($"Cannot write '{path}': there is no folder '{folder}'; create it or choose another.");
    }

    private static void Draw(ChosenSamples samples, string path, ToolContext context)
    {
        SynthesisPlan plan = SynthesisPlan.Create(samples.ToEngineOptions());
        context.Output.Tell(plan.Options.LabelMaps?.Notices);
        context.Output.SayIfItCompiles(plan.Options.Device);
        using var engine = new SynthesisEngine(plan);
        VolumeShape shape = samples.Shape;
        string title = string.Create(
            CultureInfo.InvariantCulture, $"{samples.Recipe.Name}  {shape}  {plan.LabelCount} labels  seed {samples.Seed}");
        var sheet = new PreviewSheet(shape, title);
        WatchedWork.Run(context.Output, isQuiet: false, "drawing", samples.Count, before: 0, isComplete =>
        {
            float[] image = new float[shape.VoxelCount];
            byte[] label = new byte[shape.VoxelCount];
            DrawnSample drawn = engine.CreateDrawn();
            for (long index = samples.Start; index < samples.Start + samples.Count; index++)
            {
                context.Stop.ThrowIfCancellationRequested();
                engine.Generate(SampleKey.Of(index), image, label, drawn);
                sheet.Add(Caption(index, drawn), image, label, drawn.IsOfLabelMap);
                isComplete();
            }
        });
        sheet.Save(path);
        context.Output.Data.WriteLine(path);
    }

    private static string Caption(long index, DrawnSample drawn)
    {
        return string.Join("  ", drawn.Captions().Prepend(string.Create(CultureInfo.InvariantCulture, $"sample {index}")));
    }
}
