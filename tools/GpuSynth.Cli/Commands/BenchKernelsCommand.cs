using System.CommandLine;
using System.Globalization;
using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth bench kernels": how fast every component, stage, pass and kernel is, beside what the machine can do.</summary>
internal static class BenchKernelsCommand
{
    private const int BatchOnGpu = 8;

    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var filter = new Option<string>("--filter")
        {
            Description = "Only what has one of these in its name or kind (component, stage, pass, kernel), in any case.",
            HelpName = "TEXT[,TEXT...]",
            DefaultValueFactory = static _ => string.Empty,
        };
        var against = new Option<string?>("--against")
        {
            Description = "What an earlier run printed with --json, beside this one. A difference is more than noise where all "
                + $"{KernelSuite.Rounds} rounds of one run are faster than all of the other: by chance once in 126.",
            HelpName = "FILE",
        };
        Option<string?> preset = ToolOption.Preset(RecipeArguments.BenchmarkPreset);
        Option<string?> recipe = ToolOption.Recipe();
        Option<string[]> plugin = ToolOption.Plugin();
        Option<string?> labels = ToolOption.Labels();
        Option<SizeText> size = ToolOption.Size("128");
        Option<long> batch = ToolOption.Whole(
            "--batch", "B", "Samples of a batch on a device; 0: 8 on a GPU, 1 on ilgpu-cpu.", 0, 65535, 0);
        Option<string> device = ToolOption.Device();
        Option<int> threads = ToolOption.Threads();
        Option<bool> json = ToolOption.Json();
        var command = new Command(
            "kernels", "Time every component, stage, pass and kernel, beside the machine's own ceilings or an earlier run.")
        {
            filter, against, preset, recipe, plugin, labels, size, batch, device, threads, json,
        };
        command.SetAction(parsed =>
        {
            ComponentCatalogue components = ToolOption.Components(parsed, plugin);
            Recipe chosen = RecipeArguments.ReadBenchmarked(parsed.GetValue(preset), parsed.GetValue(recipe), components);
            string? labelPath = parsed.GetValue(labels);
            chosen = labelPath is null ? chosen : chosen.WithLabelMaps();
            string name = parsed.GetRequiredValue(device);
            int given = (int)parsed.GetValue(batch);
            int count = parsed.GetValue(threads);
            var options = new EngineOptions
            {
                Recipe = chosen,
                Components = components,
                Shape = parsed.GetRequiredValue(size).ToShape(chosen),
                Device = name,
                Threads = count == 0 ? Environment.ProcessorCount : count,
                BatchSize = name == DeviceCatalogue.Host ? 1
                    : given > 0 ? given
                    : name == DeviceCatalogue.IlgpuCpu ? 1 : BatchOnGpu,
                LabelMaps = RecipeArguments.LoadLabelMaps(chosen, labelPath),
            };
            context.Output.Tell(options.LabelMaps?.Notices);
            Run(options, parsed.GetRequiredValue(filter), parsed.GetValue(against), parsed.GetValue(json), context);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Run(EngineOptions options, string filter, string? against, bool isJson, ToolContext context)
    {
        // What is wrong is told before anything is measured.
        _ = SynthesisPlan.Create(options);
        Report<KernelResult>? earlier = against is null ? null : KernelComparison.ReadEarlier(against);
        if (!isJson)
        {
            context.Output.SayIfItCompiles(options.Device);
        }

        IReadOnlyList<BenchmarkEntry> entries = KernelSuite.Find(options, filter);
        Report<KernelResult> report;
        try
        {
            report = isJson || !context.Output.IsWatched
                ? Measure(options, entries, static _ => { }, context.Stop)
                : context.Output.MessagesConsole.Status()
                    // Drawn between timings, never meanwhile.
                    .AutoRefresh(false)
                    .Start("measuring what the machine can do at most ...", status =>
                    {
                        status.Refresh();
                        return Measure(
                            options,
                            entries,
                            next =>
                            {
                                status.Status(next.EscapeMarkup());
                                status.Refresh();
                            },
                            context.Stop);
                    });
        }
        finally
        {
            foreach (BenchmarkEntry entry in entries)
            {
                entry.Dispose();
            }
        }

        if (earlier is not null)
        {
            report = report with { Comparison = KernelComparison.Of(earlier.Results, report.Results) };
        }

        if (isJson)
        {
            context.Output.Data.Write(report.ToJson());
            return;
        }

        Print(report, context.Output);
        if (earlier is not null)
        {
            Print(earlier, report, context.Output);
        }
    }

    private static Report<KernelResult> Measure(
        EngineOptions options, IReadOnlyList<BenchmarkEntry> entries, Action<string> progress, CancellationToken stop)
    {
        // The ceilings are the processor's.
        Report<KernelResult> report = Report<KernelResult>.Begin(
            "kernels", options.Device == DeviceCatalogue.Host ? [options.Threads] : Array.Empty<int>());
        return KernelSuite.Run(entries, report, options.Threads, progress, stop) with
        {
            Setting = new(
                options.Device, options.Recipe.Name, options.Shape.ToString(), options.Threads, options.BatchSize),
        };
    }

    private static void Print(Report<KernelResult> report, Output output)
    {
        BenchmarkSetting setting = report.Setting!;
        output.Data.WriteLine(
            $"{setting.Device}, {setting.Recipe}, {setting.Size}, "
            + (setting.Threads == 1 ? "1 thread" : $"{setting.Threads} threads")
            + (setting.Device == DeviceCatalogue.Host ? "" : $", batches of {setting.Batch}"));
        foreach (string line in report.Heading())
        {
            output.Data.WriteLine(line);
        }

        PrintPeaks([.. report.Results.Where(static result => result.ShareOfWhole is null)], output);
        PrintParts([.. report.Results.Where(static result => result.ShareOfWhole is not null)], output);
    }

    private static void PrintPeaks(KernelResult[] results, Output output)
    {
        if (results.Length == 0)
        {
            return;
        }

        Table table = Output.Table(
            "kind", "name", ">ms", ">quartiles", ">GB/s", ">GFLOP/s", "limit", ">share");
        foreach (KernelResult result in results)
        {
            Output.AddRow(
                table,
                KindOf(result.Kind),
                result.Name,
                Number(result.Milliseconds.Median),
                Quartiles(result),
                Rate(result.GigabytesPerSecond),
                Rate(result.Gigaflops),
                result.Ceiling ?? "-",
                Percent(result.ShareOfCeiling));
        }

        output.DataConsole.Write(table);
        output.Data.WriteLine("limit: the ceiling above that binds; share: of what it allowed at the time.");
        if (results.FirstOrDefault(static result => result.Name.EndsWith("2D", StringComparison.Ordinal)) is { } image)
        {
            output.Data.WriteLine($"2D: images of {image.Size}.");
        }
    }

    private static void PrintParts(KernelResult[] results, Output output)
    {
        if (results.Length == 0)
        {
            return;
        }

        // What a device does not tell has no column.
        bool isDevice = results.Any(static result => result.Launches is not null);
        bool isTold = results.Any(static result => result.Registers is not null);
        string[] launched = isDevice ? [">launches"] : [];
        string[] told = isTold ? [">registers", ">occupancy"] : [];
        Table table = Output.Table(["kind", "name", .. launched, ">ms", ">quartiles", ">share", .. told]);
        foreach (KernelResult result in results)
        {
            string local = result.LocalBytes > 0 ? $" + {result.LocalBytes} B" : "";
            launched = isDevice ? [$"{result.Launches}"] : [];
            told = isTold ? [result.Registers is { } registers ? $"{registers}{local}" : "-", Percent(result.Occupancy)] : [];
            Output.AddRow(
                table,
                [
                    KindOf(result.Kind), result.Name, .. launched, Number(result.Milliseconds.Median), Quartiles(result),
                    Percent(result.ShareOfWhole), .. told,
                ]);
        }

        output.DataConsole.Write(table);
        output.Data.WriteLine(isDevice
            ? "ms: of a launch, or of the whole batch; share: of the time of all kernels."
            : "share: of the whole sample.");
        if (isTold)
        {
            output.Data.WriteLine("registers: of a thread, and bytes that did not fit into them; occupancy: of a multiprocessor's threads.");
        }
    }

    private static void Print(Report<KernelResult> earlier, Report<KernelResult> report, Output output)
    {
        output.Data.WriteLine();
        output.Data.WriteLine($"Before: commit {earlier.Commit}, {earlier.Date:yyyy-MM-dd HH:mm} UTC. Now: commit {report.Commit}.");
        foreach (string difference in KernelComparison.Differences(earlier, report))
        {
            output.Data.WriteLine(difference);
        }

        Table table = Output.Table("kind", "name", ">ms before", ">ms now", ">ratio", ">of rounds", "verdict");
        foreach (KernelComparison one in report.Comparison!)
        {
            Output.AddRow(
                table,
                KindOf(one.Kind),
                one.Name,
                Number(one.Before),
                Number(one.Now),
                Number(one.Ratio),
                one.Ratio is null ? "-" : $"{Number(one.LeastRatio)} to {Number(one.MostRatio)}",
                one.Verdict);
        }

        output.DataConsole.Write(table);
        output.Data.WriteLine("ratio: now over before. faster, slower: all rounds of one run lie beyond all of the other,");
        output.Data.WriteLine("by chance once in 126; anything else is noise.");
    }

    private static string KindOf(BenchmarkKind kind) => kind.ToString().ToLowerInvariant();

    private static string Quartiles(KernelResult result) =>
        $"{Number(result.Milliseconds.LowerQuartile)} to {Number(result.Milliseconds.UpperQuartile)}";

    // Three or four digits, whatever the size.
    private static string Number(double? value) => value?.ToString(
        value >= 1000 ? "0" : value >= 100 ? "0.0" : value >= 10 ? "0.00" : "0.000", CultureInfo.InvariantCulture) ?? "-";

    private static string Rate(double? value) => value?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";

    private static string Percent(double? value) => value?.ToString("0 %", CultureInfo.InvariantCulture) ?? "-";
}
