using System.CommandLine;
using System.Globalization;
using GpuSynth.Torch.Evaluating;
using GpuSynth.Torch.Reports;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth evaluate": weights on the tasks of a suite, beside new weights, by rules that are fixed before.</summary>
internal static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var arguments = new EvaluateArguments();
        var command = new Command(
            "evaluate", "Compare weights on the tasks of a suite: probe, learning rates, few-shot fine-tuning beside new weights. The same command again resumes.");
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            EvaluationOptions options = arguments.Read(parsed);
            NativeLibraries.RequireTorch();
            if (parsed.GetValue(arguments.DryRun))
            {
                PrintCost(options, context.Output);
            }
            else
            {
                Run(options, parsed.GetValue(arguments.Json), ToolOption.CommandLine(parsed), context);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Run(EvaluationOptions options, bool isJson, string commandLine, ToolContext context)
    {
        void Say(string line)
        {
            if (!isJson)
            {
                context.Output.Messages.WriteLine(line);
            }
        }

        using var run = EvaluationRun.Open(options);
        try
        {
            run.Run(Say, commandLine, context.Stop);
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException($"Stopped: what is complete lies in '{options.OutFolder}'; the same command resumes.");
        }

        string results = File.ReadAllText(Path.Combine(options.OutFolder, isJson ? EvaluationRun.JsonName : EvaluationRun.TableName));
        context.Output.Data.WriteLine(results.TrimEnd());
        Say($"Report: {Path.Combine(options.OutFolder, "report.html")}");
    }

    private static void PrintCost(EvaluationOptions options, Output output)
    {
        IReadOnlyList<CostRow> rows = EvaluationCost.Of(options);
        Table table = Output.Table("Task", "Arm", ">Trainings", ">Hours");
        foreach (CostRow row in rows)
        {
            Output.AddRow(table, row.Task, row.Arm, ReportText.Count(row.Trainings), ReportText.Fixed(row.Hours, 2));
        }

        Output.AddRow(table, "all", "", ReportText.Count(rows.Sum(static row => row.Trainings)), ReportText.Fixed(rows.Sum(static row => row.Hours), 2));
        output.DataConsole.Write(table);
        output.Messages.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Hours of one thread, for {options.Suite.Steps} steps of {options.Suite.Batch} crops each, from steps timed on this machine; probes, validation, tests and tasks of classification come on top."));
        if (options.Suite.Finalists is { } most && options.Weights.Count > most)
        {
            output.Messages.WriteLine($"Of the {options.Weights.Count} weights the {most} go on that are best on validation cases when learning rates are chosen: the others have fewer trainings.");
        }
    }
}
