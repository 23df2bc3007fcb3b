using GpuSynth.Torch.Classification;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth finetune --task classification": read-outs and fine-tuning of a network on images of classes.</summary>
internal static class ClassificationCommand
{
    /// <summary>Runs it; the same command again resumes.</summary>
    public static void Run(ClassificationOptions options, bool isJson, string commandLine, ToolContext context)
    {
        void Say(string line)
        {
            if (!isJson)
            {
                context.Output.Messages.WriteLine(line);
            }
        }

        using ClassificationRun run = ClassificationRun.Open(options);
        context.Output.Tell(run.Notices);
        Say(run.Overview);
        if (run.CompleteAtStart > 0)
        {
            Say(FormattableString.Invariant($"resuming: {run.CompleteAtStart} of {run.ArmCount} arms are there"));
        }

        // A line between two pictures of the progress bar would be torn: where somebody watches, the arms' lines come after it.
        var later = new List<string>();
        Action<string> sayArm = context.Output.IsWatched ? later.Add : Say;
        try
        {
            WatchedWork.Run(
                context.Output, isJson, "classification", run.ArmCount, run.CompleteAtStart,
                isArmDone => run.Run(sayArm, () => isArmDone(), commandLine, context.Stop));
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException(FormattableString.Invariant(
                $"Stopped: {run.CompleteCount} of {run.ArmCount} arms are complete in '{options.OutFolder}'; the same command resumes."));
        }

        later.ForEach(Say);
        if (isJson)
        {
            context.Output.Data.WriteLine(File.ReadAllText(Path.Combine(options.OutFolder, "results.json")).TrimEnd());
            return;
        }

        context.Output.Data.Write(run.Summary.Markdown());
        Say($"Intervals: {run.IntervalMethod}.");
        Say($"Report: {Path.Combine(options.OutFolder, "report.html")}");
    }
}
