using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuSynth.Benchmarking;
using GpuSynth.Benchmarking.Kernels;
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
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var word = new Argument<string>("FILE|PRESET") { Description = "A recipe in YAML, or a built-in one." };
        Option<SizeText> size = ToolOption.Size();
        Option<string> device = ToolOption.Device();
        Option<int> threads = ToolOption.Threads();
        var measure = new Option<bool>("--measure")
        {
            Description = "Time the stages, beside the least time that this machine's measured ceilings allow; takes some ten seconds.",
        };
        Option<string?> labels = ToolOption.Labels();
        Option<string[]> plugin = ToolOption.Plugin();
        Option<bool> json = ToolOption.Json();
        var command = new Command(
            "explain", "Print the passes of a recipe: what is fused, bytes and operations per voxel, memory, and the time with --measure.")
        {
            word, size, device, threads, measure, labels, plugin, json,
        };
        command.SetAction(parsed =>
        {
            ComponentCatalogue components = ToolOption.Components(parsed, plugin);
            Recipe recipe = RecipeArguments.FileOrPreset(parsed.GetRequiredValue(word), components);
            string? labelPath = parsed.GetValue(labels);
            recipe = labelPath is null ? recipe : RecipeArguments.WithLabelMaps(recipe);
            var options = new EngineOptions
            {
                Recipe = recipe,
                Components = components,
                Shape = parsed.GetRequiredValue(size).ToShape(recipe),
                Device = parsed.GetRequiredValue(device),
                Threads = parsed.GetValue(threads),
                LabelMaps = RecipeArguments.LoadLabelMaps(recipe, labelPath),
            };
            context.Output.Tell(options.LabelMaps?.Notices);
            Explain(options, parsed.GetValue(measure), parsed.GetValue(json), context);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Explain(EngineOptions options, bool measures, bool isJson, ToolContext context)
    {
        (SynthesisPlan plan, string? refusal) = PlanOf(options);
        if (refusal is not null)
        {
            context.Output.Messages.WriteLine($"note: {refusal}");
            context.Output.Messages.WriteLine("note: explained for device host instead.");
        }

        IReadOnlyList<RecipePass> passes = RecipePass.Of(plan);
        List<PlannedBuffer> memory =
            [new("the sample", plan.SlotBytes, "image and labels, in the caller's memory"), .. plan.Buffers];
        if (options.LabelMaps is { } maps)
        {
            memory.Add(new("label maps", maps.TotalBytes, "loaded once"));
        }

        ExplainedStage[] stages = [];
        if (measures)
        {
            if (!isJson && MachineLoad.Current().Warning is { } warning)
            {
                context.Output.Messages.WriteLine(warning);
            }

            stages = isJson || !context.Output.IsWatched
                ? Measure(plan, passes, context.Stop)
                : context.Output.MessagesConsole.Status().Start(
                    $"measuring {options.Recipe.Name} at {options.Shape} ...".EscapeMarkup(),
                    _ => Measure(plan, passes, context.Stop));
        }
        else
        {
            plan.Device.Dispose();
        }

        if (isJson)
        {
            context.Output.WriteJson(writer => WriteJson(writer, plan, refusal, passes, memory, stages));
        }
        else
        {
            Print(plan, passes, memory, stages, context.Output);
        }
    }

    // What a device that is there refuses is told, and the host takes its place; what the host refuses, too, is an error.
    private static (SynthesisPlan Plan, string? Refusal) PlanOf(EngineOptions options)
    {
        try
        {
            return (SynthesisPlan.Create(options), null);
        }
        catch (PlanException error) when (
            options.Device != DeviceCatalogue.Host
            && DeviceCatalogue.List().Any(device => device.Name == options.Device && device.CanGenerate))
        {
            return (SynthesisPlan.Create(options with { Device = DeviceCatalogue.Host }), error.Message);
        }
    }

    private static ExplainedStage[] Measure(SynthesisPlan plan, IReadOnlyList<RecipePass> passes, CancellationToken stop)
    {
        (_, StageTimes times) = EngineBenchmark.TimeSamples(plan, stop);

        // The ceilings are the processor's: a device's nobody has measured.
        bool isHost = plan.Options.Device == DeviceCatalogue.Host;
        CacheSizes caches = CacheSizes.Current();
        ThreadCeilings? ceilings = isHost ? ThreadCeilings.Measure(caches, plan.Threads) : null;
        (string Name, double Took)[] all = isHost
            ?
            [
                (RecipePass.Draw, times.Draw), (RecipePass.Anatomy, times.Anatomy),
                (RecipePass.Appearance, times.Appearance), (RecipePass.Normalise, times.Normalise),
            ]
            : [(RecipePass.Draw, times.Draw), (RecipePass.OnDevice, times.Appearance)];
        return [.. all.Select(stage => StageOf(stage.Name, stage.Took))];

        ExplainedStage StageOf(string name, double took)
        {
            int[] numbers = [.. Enumerable.Range(0, passes.Count).Where(number => passes[number].Stage == name)];
            (double Milliseconds, string By)[] least = ceilings is null
                ? []
                : [.. numbers.Select(number => passes[number].Least(plan.Options.Shape, ceilings, caches))];
            return new ExplainedStage(
                name,
                [.. numbers.Select(static number => number + 1)],
                least.Length == 0 ? null : least.Sum(static one => one.Milliseconds),
                least.Length == 0 ? null : string.Join(", ", least.Where(static one => one.Milliseconds > 0).Select(static one => one.By).Distinct()),
                took);
        }
    }

    private static void Print(
        SynthesisPlan plan, IReadOnlyList<RecipePass> passes, List<PlannedBuffer> memory, ExplainedStage[] stages, Output output)
    {
        EngineOptions options = plan.Options;
        string threads = options.Device == DeviceCatalogue.Host ? $", {plan.Threads} thread{(plan.Threads == 1 ? "" : "s")}" : "";
        output.Data.WriteLine($"{options.Recipe.Name}  {options.Shape}  {plan.LabelCount} labels  {options.Device}{threads}");
        Table table = Output.Table(
            "pass", "stage", "reads", "writes", ">B/voxel", "components, fused", ">flop/voxel", ">instr/voxel");
        for (int n = 0; n < passes.Count; n++)
        {
            RecipePass pass = passes[n];
            PassPart[] parts = pass.Parts.Count == 1 ? [.. pass.Parts] : [.. pass.Parts, new PassPart("together", pass.Cost)];
            Output.AddRow(
                table,
                Number(n + 1),
                pass.Stage,
                pass.Reads,
                pass.Writes,
                Number(pass.Bytes),
                string.Join('\n', parts.Select(static part => part.Name)),
                string.Join('\n', parts.Select(static part => Number(part.Cost?.Flops))),
                string.Join('\n', parts.Select(static part => Number(part.Cost?.Instructions))));
        }

        output.DataConsole.Write(table);
        MemoryTable.Print(memory, output);
        if (stages.Length > 0)
        {
            Table times = Output.Table("stage", "passes", ">at best", "limited by", ">measured", ">share of the ceiling");
            foreach (ExplainedStage stage in stages)
            {
                Output.AddRow(
                    times,
                    stage.Name,
                    stage.Passes.Length == 0 ? "-" : string.Join(", ", stage.Passes),
                    Milliseconds(stage.Least),
                    stage.LimitedBy ?? "-",
                    Milliseconds(stage.Measured),
                    stage.Least is null ? "-" : $"{Number(Math.Round(100 * stage.Least.Value / stage.Measured))} %");
            }

            output.DataConsole.Write(times);
        }

        output.Messages.WriteLine(
            "Bytes that leave the cache; -: not counted, or it depends on the sample. The draw, with the coarse grids, has no pass.");
    }

    private static void WriteJson(
        Utf8JsonWriter writer,
        SynthesisPlan plan,
        string? refusal,
        IReadOnlyList<RecipePass> passes,
        List<PlannedBuffer> memory,
        ExplainedStage[] stages)
    {
        writer.WriteStartObject();
        writer.WriteString("recipe", plan.Options.Recipe.Name);
        writer.WriteString("size", plan.Options.Shape.ToString());
        writer.WriteNumber("labels", plan.LabelCount);
        writer.WriteString("device", plan.Options.Device);
        writer.WriteNumber("threads", plan.Threads);
        writer.WriteString("refusal", refusal);
        writer.WriteObjects("passes", passes, pass =>
        {
            writer.WriteString("stage", pass.Stage);
            writer.WriteString("reads", pass.Reads);
            writer.WriteString("writes", pass.Writes);
            writer.WriteNumber("bytesPerVoxel", pass.Bytes);
            WriteCost(pass.Cost);
            writer.WriteObjects("components", pass.Parts, part =>
            {
                writer.WriteString("name", part.Name);
                WriteCost(part.Cost);
            });
        });
        writer.WriteNumber("workspaceBytes", plan.WorkspaceBytes);
        MemoryTable.WriteJson(writer, memory);
        writer.WriteObjects("stages", stages, stage =>
        {
            writer.WriteString("name", stage.Name);
            writer.WritePropertyName("passes");
            JsonSerializer.Serialize(writer, stage.Passes);
            Write("leastMilliseconds", stage.Least);
            writer.WriteString("limitedBy", stage.LimitedBy);
            Write("milliseconds", stage.Measured);
        });
        writer.WriteEndObject();

        void WriteCost(KernelCost? cost)
        {
            Write("flopPerVoxel", cost?.Flops);
            Write("instructionsPerVoxel", cost?.Instructions);
        }

        void Write(string name, double? number)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, number is { } value ? Math.Round(value, 4) : null as double?);
        }
    }

    private static string Number(double? number) => number?.ToString("0.#", CultureInfo.InvariantCulture) ?? "-";

    private static string Milliseconds(double? number) =>
        number is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:0.00} ms") : "-";

    /// <summary>A stage of a sample's time.</summary>
    /// <param name="Name">What it is called.</param>
    /// <param name="Passes">The passes that it covers, from 1.</param>
    /// <param name="Least">Milliseconds that the ceilings allow; null where there is no pass or no ceiling.</param>
    /// <param name="LimitedBy">What sets them.</param>
    /// <param name="Measured">Median milliseconds.</param>
    private sealed record ExplainedStage(string Name, int[] Passes, double? Least, string? LimitedBy, double Measured);
}
