using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GpuSynth.Torch.Probing;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth pretrain": a network learns from samples that it sees once each.</summary>
internal static class PretrainCommand
{
    // Where nobody watches a bar, a log has about this many lines.
    private const int LogLines = 20;

    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var arguments = new PretrainArguments();
        var outFolder = new Option<string>("--out")
        {
            Description = "Folder of the run: settings, metrics, checkpoints, weights, a report.",
            HelpName = "RUN",
            Required = true,
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Go on with the folder's run from its latest checkpoint; recipe and settings are the folder's.",
        };
        Option<bool> json = ToolOption.Json();
        var command = new Command(
            "pretrain", "Pre-train a network on synthetic samples, every one of them new. With --out alone: a small 3D run.");
        command.Add(outFolder);
        command.Add(resume);
        arguments.AddTo(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(outFolder);
            if (folder.Trim().Length == 0)
            {
                throw new WrongUseException("--out: the folder's name is empty.");
            }

            NativeLibraries.RequireTorch();
            bool isNew = !parsed.GetValue(resume);
            PretrainOptions? asked = isNew ? arguments.Read(parsed) : null;
            // Before a folder is made: data that cannot be used leaves none behind.
            ICheckpointProbe? probe = asked is null ? null : ProbeOf(asked);
            using PretrainRun run = !isNew
                ? PretrainRun.Resume(
                    folder,
                    before => arguments.Change(parsed, before),
                    line => context.Output.Messages.WriteLine(line),
                    arguments.Components(parsed))
                : PretrainRun.Begin(folder, asked!, ToolOption.CommandLine(parsed));
            run.Probe = isNew ? probe : ProbeOf(run.Options);
            Train(run, context, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static CheckpointProbe? ProbeOf(PretrainOptions options) => options.Probe is { } data
        ? CheckpointProbe.Open(data, options.Network, options.Threads)
        : null;

    private static void Train(PretrainRun run, ToolContext context, bool isJson)
    {
        PretrainOptions options = run.Options;
        context.Output.Tell(run.Notices);
        long before = run.Step;
        if (!isJson)
        {
            context.Output.Messages.WriteLine(Invariant(
                $"{options.Network.Kind} of {run.ParameterCount:N0} parameters, {options.Objective}, ")
                + Invariant($"{run.SamplesPerStep} new samples of {options.Shape} ({run.LabelCount} labels) a step, ")
                + $"on {options.Device}");
            if (before > 0)
            {
                context.Output.Messages.WriteLine(Invariant($"resuming: {before} of {options.Steps} steps are done"));
            }

            context.Output.SayIfItCompiles(options.SynthesisDevice);
        }

        var end = PretrainEnd.Finished;
        double seconds = 0, waited = 0;
        MetricsRow? last = null;
        WatchedWork.Run(
            context.Output, isJson, "pre-training", options.Steps, before,
            isComplete => end = run.Run(
                row =>
                {
                    seconds += row[MetricsRow.Seconds];
                    waited += row[MetricsRow.Seconds] * row[MetricsRow.WaitShare];
                    last = row;
                    isComplete();
                    if (!isJson && !context.Output.IsWatched && IsLogged(row.Step, options.Steps))
                    {
                        context.Output.Messages.WriteLine(Line(row, options.Steps));
                    }
                },
                context.Stop),
            samplesEach: run.SamplesPerStep,
            note: () => last is null
                ? string.Empty
                : Invariant($"loss {last[MetricsRow.Loss]:0.0000}  waiting {waited / seconds:0.0%}"));
        if (isJson)
        {
            WriteJson(run, context.Output, seconds, waited, last, end);
        }

        if (end == PretrainEnd.Stopped)
        {
            throw new StoppedException(Invariant(
                $"Stopped: {run.Step} of {options.Steps} steps are done and saved in '{run.Folder}'; --resume goes on."));
        }

        if (!isJson)
        {
            double rate = (run.Step - before) * run.SamplesPerStep / Math.Max(seconds, 1e-9);
            context.Output.Data.WriteLine(last is null
                ? Invariant($"All {run.Step} steps are done already: {run.Folder}")
                : Invariant($"{run.Step} steps, loss {last[MetricsRow.Loss]:0.0000}, {seconds:0} s ")
                    + Invariant($"({rate:0.0} volumes/s, {waited / seconds:0.0%} of the time waiting for data): {run.Folder}"));
        }
    }

    private static bool IsLogged(long step, long steps) =>
        step == 1 || step == steps || step % Math.Max(1, steps / LogLines) == 0;

    private static string Line(MetricsRow row, long steps) => Invariant(
        $"step {row.Step}/{steps}  loss {row[MetricsRow.Loss]:0.0000}  {row[MetricsRow.VolumesPerSecond]:0.0} volumes/s  ")
        + Invariant($"waiting {row[MetricsRow.WaitShare]:0.0%}");

    private static void WriteJson(
        PretrainRun run, Output output, double seconds, double waited, MetricsRow? last, PretrainEnd end) =>
        output.WriteJson(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("out", Path.GetFullPath(run.Folder));
            writer.WriteNumber("steps", run.Step);
            writer.WriteNumber("samples", run.Step * run.SamplesPerStep);
            writer.WriteBoolean("complete", end == PretrainEnd.Finished);
            if (last is not null)
            {
                writer.WriteNumber("loss", last[MetricsRow.Loss]);
                writer.WriteNumber("seconds", Math.Round(seconds, 3));
                writer.WriteNumber("waitShare", Math.Round(waited / seconds, 6));
            }

            writer.WriteEndObject();
        });

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
