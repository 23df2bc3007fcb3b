using System.CommandLine;
using GpuSynth.Cli.Cataloguing;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth recipe catalogue": a page of all presets and components with a picture of each.</summary>
internal static class CatalogueCommand
{
    /// <summary>The page's name, and its pictures' folder beside it.</summary>
    public const string Page = "catalogue.md";

    /// <summary>Where the pictures lie, beside the page.</summary>
    public const string Pictures = "catalogue";

    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        Option<string[]> plugin = ToolOption.Plugin();
        var outFolder = new Option<string>("--out")
        {
            Description = $"Folder of the page, {Page}, and of the folder {Pictures} with the pictures; made if it is not there.",
            HelpName = "DIR",
            Required = true,
        };
        var command = new Command("catalogue", "Write a page of all presets and components: a picture of each, keys, sources, costs.") { plugin, outFolder };
        command.SetAction(parsed =>
        {
            Write(ToolOption.Components(parsed, plugin), parsed.GetRequiredValue(outFolder), context);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(ComponentCatalogue components, string folder, ToolContext context)
    {
        // All of it is made before anything is written.
        string page = CataloguePage.Of(components, Pictures);
        (string Name, byte[] Png)[] pictures =
        [
            .. components.Types.Keys.Select(name => ComponentExample.Of(components, name)).OfType<ComponentExample>().Select(example =>
            {
                context.Stop.ThrowIfCancellationRequested();
                return (example.Name, ExamplePicture.Draw(example, components));
            }),
            .. Presets.Names.Select(name =>
            {
                context.Stop.ThrowIfCancellationRequested();
                return (Path.Combine(CataloguePage.PresetFolder, name), ExamplePicture.DrawPreset(name));
            }),
        ];
        Directory.CreateDirectory(Path.Combine(folder, Pictures, CataloguePage.PresetFolder));
        foreach ((string name, byte[] png) in pictures)
        {
            AtomicFile.Write(Path.Combine(folder, Pictures, name + ".png"), png.Length, png, static (stream, content) => stream.Write(content));
        }

        string path = Path.Combine(folder, Page);
        AtomicFile.WriteText(path, page);
        context.Output.Data.WriteLine(path);
    }
}
