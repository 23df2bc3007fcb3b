using System.CommandLine;
using System.Globalization;
using GpuSynth.Torch.Classification;
using GpuSynth.Torch.Prediction;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth predict": label maps and volumes of a folder of images by fine-tuned networks.</summary>
internal static class PredictCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var arguments = new PredictArguments();
        var command = new Command(
            "predict", "Label maps, volumes and pictures of images, or probabilities of classes, by fine-tuned networks. The same command again resumes.");
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            PredictOptions options = arguments.Read(parsed);
            NativeLibraries.RequireTorch();
            return Run(options, parsed.GetValue(arguments.Json), context);
        });
        return command;
    }

    private static int Run(PredictOptions options, bool isJson, ToolContext context)
    {
        Output output = context.Output;
        void Say(string line)
        {
            if (!isJson)
            {
                output.Messages.WriteLine(line);
            }
        }

        if (ClassifierPrediction.Find(options.Models, options.Arm, Say) is { } classifier)
        {
            return Classify(classifier, options, isJson, output, context.Stop);
        }

        using PredictRun run = PredictRun.Open(options, Say);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.CaseCount} cases, {run.Networks.Count} {(run.Networks.Count == 1 ? "network" : "networks, averaged")}: "
            + $"{string.Join(", ", run.ClassNames)}"));
        if (run.FoundCount > 0)
        {
            Say(string.Create(CultureInfo.InvariantCulture, $"resuming: {run.FoundCount} of {run.CaseCount} cases are there"));
        }

        try
        {
            WatchedWork.Run(
                output, isJson, "predicting", run.CaseCount - run.Bad.Count, run.FoundCount, done => run.Run(done, context.Stop));
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException(string.Create(
                CultureInfo.InvariantCulture,
                $"Stopped: {run.Complete.Count} of {run.CaseCount} cases are complete in '{options.OutFolder}'; ")
                + "the same command resumes.");
        }

        output.Tell(run.Notices);
        foreach (BadCase one in run.Bad)
        {
            output.Complain($"{one.Case} is left out: {one.Problem}");
        }

        if (isJson)
        {
            WriteJson(run, options, output);
        }

        Say($"Volumes ({run.Unit}): {Path.Combine(options.OutFolder, "volumes.csv")}");
        if (run.Bad.Count == 0)
        {
            return ExitCode.Done;
        }

        output.Complain(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Complete.Count} of {run.CaseCount} cases were predicted, {run.Bad.Count} could not be (named above)"));
        return ExitCode.Failed;
    }

    // A table of probabilities; images take milliseconds, so that nothing is resumed.
    private static int Classify(string classifier, PredictOptions options, bool isJson, Output output, CancellationToken stop)
    {
        (string Name, string Path)[] inputs =
            [.. PredictionInputs.Find(options.Input, channels: 1).Select(static one => (one.Name, one.ImagePath))];
        string table = Path.Combine(options.OutFolder, "probabilities.csv");
        Directory.CreateDirectory(options.OutFolder);
        IReadOnlyList<(string Name, string Problem)> bad = [];
        WatchedWork.Run(
            output, isJson, "classifying", inputs.Length, 0,
            isDone => bad = ClassifierPrediction.Run(classifier, inputs, table, options.Device, isDone, stop));
        foreach ((string name, string problem) in bad)
        {
            output.Complain($"{name} is left out: {problem}");
        }

        if (isJson)
        {
            output.WriteJson(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("model", classifier);
                writer.WriteString("table", table);
                writer.WriteNumber("images", inputs.Length);
                writer.WriteObjects("bad", bad, one =>
                {
                    writer.WriteString("case", one.Name);
                    writer.WriteString("problem", one.Problem);
                });
                writer.WriteEndObject();
            });
        }
        else
        {
            output.Messages.WriteLine($"Probabilities: {table}");
        }

        return bad.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static void WriteJson(PredictRun run, PredictOptions options, Output output) => output.WriteJson(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("out", options.OutFolder);
        writer.WriteNumber("cases", run.CaseCount);
        writer.WriteNumber("found", run.FoundCount);
        writer.WriteString("unit", run.Unit);
        writer.WriteStartArray("networks");
        foreach (string path in run.Networks)
        {
            writer.WriteStringValue(path);
        }

        writer.WriteEndArray();
        writer.WriteObjects("predicted", run.Complete, one =>
        {
            writer.WriteString("case", one.Case);
            writer.WriteString("output", Path.Combine(options.OutFolder, one.Output));
            writer.WriteNumber("voxelSize", one.VoxelSize);
            writer.WriteStartObject("voxels");
            foreach ((string name, long voxels) in run.ClassNames.Zip(one.Voxels))
            {
                writer.WriteNumber(name, voxels);
            }

            writer.WriteEndObject();
        });
        writer.WriteObjects("bad", run.Bad, one =>
        {
            writer.WriteString("case", one.Case);
            writer.WriteString("problem", one.Problem);
        });
        writer.WriteEndObject();
    });
}
