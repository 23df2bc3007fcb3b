using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuSynth.Benchmarking;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli.Generating;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth recipe explain": the passes of a recipe, what they cost, and how fast this machine could be and is.</summary>
internal static class ExplainCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var word = new Argument<string>("FILE|PRESET") { Description = "A recipe in YAML, or a built-in one." };
        var measure = new Option<bool>("--measure")
        {
            Description = "Time the stages, beside the least time that this machine's measured ceilings allow; takes some ten seconds.",
        };
        Option<SizeText> size = ToolOption.Size();
        Option<string> device = ToolOption.Device();
        Option<int> threads = ToolOption.Threads();
        Option<string?> labels = ToolOption.Labels();
        Option<string[]> plugin = ToolOption.Plugin();
        Option<bool> json = ToolOption.Json();
        var command = new Command(
            "explain", "Print the passes of a recipe: what is fused, bytes and operations per voxel, memory, and times with --measure.")
        {
            word, size, device, threads, measure, labels, plugin, json,
        };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(word);
            ComponentCatalogue components = ToolOption.Components(parsed, plugin);

            // What is no file and has no ending like one is a preset that is mistyped.
            bool isPreset = Presets.Names.Contains(name) || !(Path.Exists(name) || Path.HasExtension(name));
            Recipe recipe = isPreset ? RecipeArguments.Preset(name) : RecipeYaml.Read(name, components);
            string? labelPath = parsed.GetValue(labels);
            recipe = labelPath is null ? recipe : recipe.WithLabelMaps();
            var options = new EngineOptions
            {
                Recipe = recipe,
                Components = components,
                Shape = parsed.GetRequiredValue(size).ToShape(recipe),
                Device = parsed.GetRequiredValue(device),
                Threads = parsed.GetValue(threads),
                LabelMaps = RecipeArguments.LoadLabelMaps(recipe, labelPath),
            };
            Explain(options, parsed.GetValue(measure), parsed.GetValue(json), context);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Explain(EngineOptions options, bool measures, bool isJson, ToolContext context)
    {
        Output output = context.Output;
        output.Tell(options.LabelMaps?.Notices);
        SynthesisPlan plan = SynthesisPlan.Create(options);
        List<PlannedBuffer> memory = [new("the sample", plan.SlotBytes, "image and labels, in the caller's memory"), .. plan.Buffers];
        if (options.LabelMaps is { } maps)
        {
            memory.Add(new("label maps", maps.TotalBytes, "loaded once"));
        }

        IReadOnlyList<RecipePass> passes = RecipePass.Of(plan);
        RecipeStage[]? stages = measures ? Measure(plan, output, context.Stop) : null;
        plan.Device.Dispose();
        if (isJson)
        {
            output.WriteJson(writer => JsonSerializer.Serialize(writer, Facts(), Json));
            return;
        }

        string threads = plan.Options.Device == DeviceCatalogue.Host ? $", threads: {plan.Threads}" : "";
        output.Data.WriteLine($"{options.Recipe.Name}  {options.Shape}  {plan.LabelCount} labels  {plan.Options.Device}{threads}");
        Print(passes, output);
        DryRun.PrintMemory(memory, output);
        Print(stages, output);
        output.Messages.WriteLine(
            "Bytes that leave the cache; -: not counted, or it depends on the sample. The draw, with the coarse grids, has no pass.");

        object Facts() => new
        {
            Recipe = options.Recipe.Name,
            Size = options.Shape.ToString(),
            Labels = plan.LabelCount,
            plan.Options.Device,
            plan.Threads,
            Passes = passes,
            plan.WorkspaceBytes,
            Memory = memory,
            Stages = stages,
        };
    }

    private static RecipeStage[] Measure(SynthesisPlan plan, Output output, CancellationToken stop)
    {
        output.Messages.Write(MachineLoad.Current().Warning is { } warning ? $"{warning}\n" : "");
        StageTimes times = EngineBenchmark.TimeSamples(plan, stop).Stages;
        CacheSizes caches = CacheSizes.Current();
        bool isHost = plan.Options.Device == DeviceCatalogue.Host;
        return RecipeStage.Of(plan, times, isHost ? ThreadCeilings.Measure(caches, plan.Threads) : null, caches);
    }

    private static void Print(IReadOnlyList<RecipePass> passes, Output output)
    {
        Table table = Output.Table(
            "pass", "stage", "reads", "writes", ">B/voxel", "components, fused", ">flop/voxel", ">instr/voxel");
        foreach (RecipePass pass in passes)
        {
            List<PassComponent> lines = [.. pass.Components];
            if (lines.Count > 1)
            {
                lines.Add(new PassComponent("together", pass.FlopPerVoxel, pass.InstructionsPerVoxel));
            }

            Output.AddRow(
                table,
                Text(table.Rows.Count + 1),
                pass.Stage,
                pass.Reads,
                pass.Writes,
                Text(pass.BytesPerVoxel),
                string.Join('\n', lines.Select(static line => line.Text)),
                string.Join('\n', lines.Select(static line => Text(line.FlopPerVoxel))),
                string.Join('\n', lines.Select(static line => Text(line.InstructionsPerVoxel))));
        }

        output.DataConsole.Write(table);
    }

    private static void Print(RecipeStage[]? stages, Output output)
    {
        Table table = Output.Table("stage", "passes", ">at best", "limited by", ">measured", ">share of the ceiling");
        foreach (RecipeStage stage in stages ?? [])
        {
            Output.AddRow(
                table,
                stage.Name,
                stage.Passes.Length == 0 ? "-" : string.Join(", ", stage.Passes),
                Text(stage.LeastMilliseconds, "0.00 ms"),
                stage.LimitedBy ?? "-",
                Text(stage.Milliseconds, "0.00 ms"),
                Text(stage.LeastMilliseconds / stage.Milliseconds, "0 %"));
        }

        if (stages is not null)
        {
            output.DataConsole.Write(table);
        }
    }

    private static string Text(double? number, string format = "0.#") => number?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
