using System.CommandLine;
using System.Globalization;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth finetune": a network trained on labelled cases, with and without pre-trained weights.</summary>
internal static class FinetuneCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var arguments = new FinetuneArguments();
        var command = new Command(
            "finetune",
            "Train on labelled cases from pre-trained or new weights; test by Dice and HD95. The same command again resumes.");
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            if (arguments.ReadClassification(parsed) is { } classification)
            {
                NativeLibraries.RequireTorch();
                ClassificationCommand.Run(classification, parsed.GetValue(arguments.Json), ToolOption.CommandLine(parsed), context);
                return ExitCode.Done;
            }

            FineTuneOptions options = arguments.Read(parsed);
            NativeLibraries.RequireTorch();
            Run(options, parsed.GetValue(arguments.Json), ToolOption.CommandLine(parsed), context);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Run(FineTuneOptions options, bool isJson, string commandLine, ToolContext context)
    {
        TextWriter messages = context.Output.Messages;
        void Say(string line)
        {
            if (!isJson)
            {
                messages.WriteLine(line);
            }
        }

        using FineTuneRun run = FineTuneRun.Open(options, Say, context.Stop);
        context.Output.Tell(run.Notices);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.ArmCount * options.LearningRates.Count} x {options.Steps} steps, {run.Jobs} at the same time, crops {options.Batch} x {run.Patch}, {run.ParameterCount:N0} parameters"));
        if (run.InitialWeights is { } transfer)
        {
            Say($"{options.Init}: {transfer}");
        }

        foreach ((string init, string text) in run.Heads)
        {
            Say($"head of '{init}': {text}");
        }

        if (run.CompleteCount > 0)
        {
            Say(string.Create(CultureInfo.InvariantCulture, $"resuming: {run.CompleteCount} of {run.ArmCount} arms are there"));
        }

        // A line between two pictures of the progress bar would be torn: where somebody watches, the arms' lines come after it.
        var later = new List<string>();
        Action<string> sayArm = context.Output.IsWatched ? later.Add : Say;
        try
        {
            WatchedWork.Run(
                context.Output, isJson, "fine-tuning", run.CropCount, run.CropsComplete,
                isCropDone => run.Run(sayArm, isCropDone, commandLine, context.Stop));
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException(string.Create(
                CultureInfo.InvariantCulture,
                $"Stopped: {run.CompleteCount} of {run.ArmCount} arms are complete in '{options.OutFolder}'; ")
                + "the same command resumes.");
        }

        later.ForEach(Say);
        if (isJson)
        {
            context.Output.Data.WriteLine(File.ReadAllText(Path.Combine(options.OutFolder, "results.json")).TrimEnd());
            return;
        }

        context.Output.Data.Write(FineTuneTable.Markdown(run.Summary));
        Say($"Intervals: {FineTuneSummary.IntervalMethod}.");
        foreach (string notice in run.ResultNotices)
        {
            Say($"note: {notice}.");
        }

        Say($"Report: {Path.Combine(options.OutFolder, "report.html")}");
    }
}
