using System.CommandLine;
using GpuSynth.Torch.Probing;
using GpuSynth.Torch.Reports;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth probe": frozen features judged on real cases, beside random weights and hand-made features.</summary>
internal static class ProbeCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var arguments = new ProbeArguments();
        var command = new Command(
            "probe",
            "Judge weights in a minute: frozen features on labelled cases, beside random weights and hand-made features.");
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            ProbeOptions options = arguments.Read(parsed);
            NativeLibraries.RequireTorch();
            bool isJson = parsed.GetValue(arguments.Json);
            ProbeResult result = ProbeRun.Run(
                options,
                line =>
                {
                    if (!isJson)
                    {
                        context.Output.Messages.WriteLine(line);
                    }
                },
                ToolOption.CommandLine(parsed),
                context.Stop);
            if (isJson)
            {
                context.Output.Data.WriteLine(result.ToJson());
            }
            else
            {
                Print(result, options, context.Output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(ProbeResult result, ProbeOptions options, Output output)
    {
        foreach (string notice in result.Notices)
        {
            output.Messages.WriteLine($"note: {notice}");
        }

        Table table = Output.Table(
            "Features", "Level", ">Dice", ">AUC", ">1-case Dice", ">Rank", ">Right label (chance)", ">Within 2 (chance)");
        foreach (string[] row in result.Rows())
        {
            Output.AddRow(table, row[0], row[1], row[3], row[4], row[5], row[6], row[9], row[10]);
        }

        output.DataConsole.Write(table);
        foreach (ProbeComparison one in result.Comparisons)
        {
            output.Data.WriteLine($"{one.Arm} - {one.Against}, Dice: {ReportText.Interval(one.Dice, 3)}");
        }

        output.Messages.WriteLine(ProbeResult.Method);
        output.Messages.WriteLine($"Report: {Path.Combine(options.OutFolder, "report.html")}");
    }
}
