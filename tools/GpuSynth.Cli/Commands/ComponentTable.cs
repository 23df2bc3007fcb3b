using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using Spectre.Console;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth recipe components": everything that a recipe may be made of, as it is declared.</summary>
internal static class ComponentTable
{
    /// <summary>The command.</summary>
    public static Command Create(Output output)
    {
        Option<string[]> plugin = ToolOption.Plugin();
        Option<bool> json = ToolOption.Json();
        var command = new Command(
            "components", "List what a recipe is made of: keys with their ranges, source, and the cost per voxel of what is fused.")
        {
            plugin, json,
        };
        command.SetAction(parsed =>
        {
            ComponentCatalogue catalogue = ToolOption.Components(parsed, plugin);
            Row[] rows =
            [
                .. catalogue.Names(anatomies: true).Select(name => new Row(name, "anatomy", catalogue.Types[name])),
                .. catalogue.Names(anatomies: false).Select(name => new Row(name, "appearance", catalogue.Types[name])),
            ];
            if (parsed.GetValue(json))
            {
                output.WriteJson(writer => new JsonArray([.. rows.Select(JsonOf)]).WriteTo(writer));
            }
            else
            {
                Print(rows, output);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Row[] rows, Output output)
    {
        Table table = Output.Table("name", "list", "what it does", "keys", "source", ">B/voxel", ">flop/voxel");
        foreach (Row row in rows)
        {
            IEnumerable<string> keys = row.Keys.Select(static one =>
                $"{one.Path}{(one.Required ? "" : "?")}: {one.Key.Allowed}");
            Output.AddRow(
                table,
                row.Name,
                row.List,
                row.Declaration.Says,
                row.Keys.Any() ? string.Join('\n', keys) : "-",
                row.Declaration.Source,
                Number(row.Bytes),
                Number(row.Flops));
        }

        output.DataConsole.Write(table);
        output.Messages.WriteLine("A key with a ? may be left out. A cost stands where a component works on one voxel at a time.");
        output.Messages.WriteLine(
            "Every component of the appearance that changes intensities, and every anatomy but the first, may have the key chance, 0 to 1: the probability "
            + "that a sample has it. Every anatomy but the first may have the key inside, a list of labels of those before it that it is drawn in.");
    }

    private static string Number(double? number) => number?.ToString("0.#", CultureInfo.InvariantCulture) ?? "-";

    private static JsonNode JsonOf(Row row) => new JsonObject
    {
        ["name"] = row.Name,
        ["list"] = row.List,
        ["says"] = row.Declaration.Says,
        ["source"] = row.Declaration.Source,
        ["example"] = row.Declaration.Example,
        ["takesChance"] = row.TakesChance,
        ["keys"] = new JsonArray(
        [
            .. row.Keys.Select(static one => new JsonObject
            {
                ["key"] = one.Path,
                ["says"] = one.Key.Says,
                ["allowed"] = one.Key.Allowed,
                ["required"] = one.Required,
                ["default"] = one.Key.Default,
            }),
        ]),
        ["bytesPerVoxel"] = row.Bytes,
        ["flopPerVoxel"] = row.Flops,
    };

    private sealed class Row(string name, string list, Type type)
    {
        // Only what works on one voxel at a time has a cost of its own; another's depends on its numbers.
        private readonly IVoxelComponent? voxel =
            type.IsAssignableTo(typeof(IVoxelComponent)) ? (IVoxelComponent)RecipeSection.Of(type).Middle() : null;

        public string Name => name;

        public string List => list;

        public ComponentAttribute Declaration { get; } = ComponentCatalogue.DeclarationOf(type);

        public IEnumerable<(string Path, RecipeKey Key, bool Required)> Keys { get; } = RecipeSection.Of(type).All();

        public bool TakesChance { get; } = RecipeSection.Of(type).TakesChance;

        // A float written, and a float and a label read where they are looked at.
        public double? Bytes => voxel is null
            ? null
            : sizeof(float) + (voxel.ReadsIntensity ? sizeof(float) : 0) + (voxel.ReadsLabels ? sizeof(byte) : 0);

        public double? Flops => voxel is null ? null : ComponentCost.Of((Component)voxel, VolumeShape.Cubic(3, 64))?.Flops;
    }
}
