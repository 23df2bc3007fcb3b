using System.CommandLine;
using System.Globalization;
using GpuSynth.Benchmarking;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth bench": how fast whole samples are, beside what the machine can do.</summary>
internal static class BenchCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        Option<string?> preset = ToolOption.Preset(RecipeArguments.BenchmarkPreset);
        Option<string?> file = ToolOption.Recipe();
        Option<string[]> plugin = ToolOption.Plugin();
        Option<string?> labels = ToolOption.Labels();
        Option<SizeText> size = ToolOption.Size("128");
        Option<string> device = ToolOption.Device();
        Option<int> threads = ToolOption.Threads();
        Option<long> batch = ToolOption.Whole(
            "--batch", "B", "Samples of a batch; 1: two per thread on the host, 8 on a GPU.", 1, 65536, 1);
        Option<bool> json = ToolOption.Json();
        // For programs that measure, not for people: see BenchmarkTurns.
        var turns = new Option<bool>("--turns") { Hidden = true };
        var command = new Command("bench", "Time whole samples: median, spread, stages, and the machine's own ceilings.")
        {
            preset, file, plugin, labels, size, batch, device, threads, json, turns, BenchKernelsCommand.Create(context),
        };
        command.SetAction(parsed =>
        {
            ComponentCatalogue components = ToolOption.Components(parsed, plugin);
            Recipe recipe = RecipeArguments.ReadBenchmarked(parsed.GetValue(preset), parsed.GetValue(file), components);
            string? labelPath = parsed.GetValue(labels);
            recipe = labelPath is null ? recipe : recipe.WithLabelMaps();
            var options = new EngineOptions
            {
                Recipe = recipe,
                Components = components,
                Shape = parsed.GetRequiredValue(size).ToShape(recipe),
                Device = parsed.GetRequiredValue(device),
                Threads = parsed.GetValue(threads),
                BatchSize = (int)parsed.GetValue(batch),
                LabelMaps = RecipeArguments.LoadLabelMaps(recipe, labelPath),
            };
            context.Output.Tell(options.LabelMaps?.Notices);
            if (parsed.GetValue(turns))
            {
                BenchmarkTurns.Run(options, Console.In, context.Output.Data);
                return ExitCode.Done;
            }

            Measure(options, parsed.GetValue(json), context);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Measure(EngineOptions options, bool isJson, ToolContext context)
    {
        if (!isJson)
        {
            context.Output.SayIfItCompiles(options.Device);
        }

        BenchmarkReport report = isJson || !context.Output.IsWatched
            ? EngineBenchmark.Run(options, context.Stop)
            : context.Output.MessagesConsole.Status().Start(
                $"measuring {options.Recipe.Name} at {options.Shape} ...".EscapeMarkup(),
                _ => EngineBenchmark.Run(options, context.Stop));
        if (isJson)
        {
            context.Output.WriteJson(report.WriteJson);
        }
        else
        {
            Print(report, context.Output);
        }
    }

    private static void Print(BenchmarkReport report, Output output)
    {
        MachineFacts machine = report.Machine;
        output.Data.WriteLine(Invariant($"{report.Recipe}  {report.Size}  {report.Labels} labels  commit {report.Commit}"));
        output.Data.WriteLine(Invariant($"{report.Device}, {report.Threads} threads, of {machine.Cores} cores: {machine.Cpu}"));
        output.Data.WriteLine(Invariant($"{machine.VectorBits}-bit vectors ({machine.Isa}), {machine.Os}, .NET {machine.DotNet}"));

        Table table = Output.Table("what", ">median", ">min", ">lower quartile", ">upper quartile", ">95 %", ">max", ">volumes/s");
        AddSpread(table, "one sample at a time", report.Milliseconds, report.VolumesPerSecond);
        if (report.BatchMilliseconds is { } batch)
        {
            AddSpread(table, $"a batch of {report.BatchSize}", batch, report.BatchVolumesPerSecond);
        }

        output.DataConsole.Write(table);

        Table stages = Output.Table("stage", ">median", ">share");
        AddStage(stages, "draw", report.Stages.Draw, report.Stages.Total);
        AddStage(stages, "anatomy", report.Stages.Anatomy, report.Stages.Total);
        AddStage(stages, "appearance", report.Stages.Appearance, report.Stages.Total);
        AddStage(stages, "normalise", report.Stages.Normalise, report.Stages.Total);
        output.DataConsole.Write(stages);

        long outputBytes = report.Voxels * (sizeof(float) + 1);
        double copyMilliseconds = outputBytes / report.Ceilings.Copy.Memory / 1e6;
        output.Data.WriteLine(Invariant($"{report.Samples} samples timed, {report.NanosecondsPerVoxel:0.00} ns per voxel"));
        output.Data.WriteLine($"memory beside the output: {ByteCount.Text(report.WorkspaceBytes)}");
        output.Data.WriteLine(Invariant($"ceiling, copy: {report.Ceilings.Copy.Memory:0.0} GB/s read and written;")
            + Invariant($" at that rate the output's {ByteCount.Text(outputBytes)} take {copyMilliseconds:0.00} ms"));
        output.Data.WriteLine(Invariant(
            $"ceiling, multiply-add: {report.Ceilings.Gigaflops:0} GFLOP/s in float32"));
    }

    private static void AddSpread(Table table, string what, Spread spread, double volumesPerSecond) => Output.AddRow(
        table,
        what,
        Milliseconds(spread.Median),
        Milliseconds(spread.Minimum),
        Milliseconds(spread.LowerQuartile),
        Milliseconds(spread.UpperQuartile),
        Milliseconds(spread.Percentile95),
        Milliseconds(spread.Maximum),
        Invariant($"{volumesPerSecond:0.0}"));

    private static void AddStage(Table table, string name, double milliseconds, double total) =>
        Output.AddRow(table, name, Milliseconds(milliseconds), Invariant($"{100 * milliseconds / Math.Max(total, 1e-9):0} %"));

    private static string Milliseconds(double value) => Invariant($"{value:0.00} ms");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
