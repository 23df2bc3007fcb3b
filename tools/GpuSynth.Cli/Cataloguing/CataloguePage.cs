using System.Globalization;
using System.Text;
using GpuSynth.Benchmarking;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;

namespace GpuSynth.Cli.Cataloguing;

/// <summary>The page of all components, in Markdown: what each does, its keys, its source, what it costs, and its picture.</summary>
internal static class CataloguePage
{
    /// <summary>Where the presets' pictures lie, in the folder of the pictures.</summary>
    public const string PresetFolder = "presets";

    /// <summary>The text; it does not depend on the machine.</summary>
    /// <param name="components">What recipes may name.</param>
    /// <param name="pictures">The folder of the pictures, beside the page.</param>
    public static string Of(ComponentCatalogue components, string pictures)
    {
        StringBuilder page = new();
        page.Append(
            $"""
            # Presets and components

            Recipes that are there to be used or copied, then what a recipe can be made of: `anatomy` makes labels, `appearance` makes intensities of them, each a
            list in the order of application. `gpusynth recipe catalogue --out docs` made this page and its pictures from presets and components themselves.

            ## Presets

            The first samples of seed 1 beside their labels, of 128 voxels along each side; of volumes the middle axial, coronal and sagittal slices. Presets of
            label maps are shown on labels of anatomix-3d, for want of yours. `gpusynth recipe show NAME` prints one with its sources.


            """);
        foreach (string name in Presets.Names)
        {
            page.Append(CultureInfo.InvariantCulture, $"### {name}\n\n{DescriptionOf(name)}\n\n![{name}]({pictures}/{PresetFolder}/{name}.png)\n\n");
        }

        page.Append(
            $"""
            ## Components

            `gpusynth recipe components` prints the same table.

            Pictures: the same sample without the component on the left and with it on the right; what makes all labels or intensities is shown alone, and the
            last picture of an anatomy is its labels. Cost: floating-point operations per voxel, counted by running the mathematics on a sample of the
            example, which a host form may share along rows; what works on coarse grids or on bricks depends on the sample and is not counted. Keys with a ? may be left out; every component but what makes intensities
            of labels and a recipe's first anatomy may have `chance`, and every later anatomy `inside`, the labels that it is drawn in.


            """);
        foreach ((string title, bool isAnatomy) in new[] { ("Anatomy", true), ("Appearance", false) })
        {
            string[] names = [.. components.Names(isAnatomy)];
            page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
            page.Append(string.Join(", ", names.Select(static name => $"[{name}](#{name.ToLowerInvariant()})"))).Append("\n\n");
            foreach (string name in names)
            {
                Append(page, components, name, pictures);
            }
        }

        return page.ToString().TrimEnd().ReplaceLineEndings("\n") + "\n";
    }

    private static void Append(StringBuilder page, ComponentCatalogue components, string name, string pictures)
    {
        Type type = components.Types[name];
        ComponentAttribute declaration = ComponentCatalogue.DeclarationOf(type);
        page.Append(CultureInfo.InvariantCulture, $"### {name}\n\n{declaration.Says}\n\n");
        var example = ComponentExample.Of(components, name);
        if (example is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"![{name}]({pictures}/{name}.png)\n\n```yaml\n");
            page.AppendJoin('\n', declaration.Example.Split('\n').Select(static line => $"- {line}")).Append("\n```\n\n");
        }

        var section = RecipeSection.Of(type);
        if (section.All().Any())
        {
            page.Append("| key | may hold | what it means |\n| --- | --- | --- |\n");
            foreach ((string path, RecipeKey key, bool isRequired) in section.All())
            {
                page.Append(CultureInfo.InvariantCulture, $"| `{path}`{(isRequired ? "" : " ?")} | {Cell(key.Allowed)} | {Cell(key.Says)} |\n");
            }

            page.Append('\n');
        }

        string cost = example is not null && CostOf(example, components) is { } flop ? string.Create(CultureInfo.InvariantCulture, $"{flop:0.#} flop per voxel") : "not counted";
        string dimensions = example?.On.Dimensions == 3 ? " Volumes only." : "";
        page.Append(CultureInfo.InvariantCulture, $"Source: {declaration.Source}. Cost: {cost}.{dimensions}\n\n");
    }

    // Of the example in a volume, whose passes are large, or of the image where it makes none.
    private static double? CostOf(ComponentExample example, ComponentCatalogue components)
    {
        if (example.NeedsLabelMaps)
        {
            return null;
        }

        SynthesisPlan plan;
        try
        {
            plan = SynthesisPlan.Create(ComponentExample.Options(example.On with { Dimensions = 3 }, components, null));
        }
        catch (GpuSynthException)
        {
            plan = SynthesisPlan.Create(ComponentExample.Options(example.On, components, null));
        }

        using IDisposable device = plan.Device;
        return RecipePass.Of(plan).SelectMany(static pass => pass.Components)
            .FirstOrDefault(one => one.Name == example.Name && one.FlopPerVoxel is not null)?.FlopPerVoxel;
    }

    // What stands above the preset's name.
    private static string DescriptionOf(string preset) => string.Join(
        '\n', Presets.Text(preset).Split('\n').TakeWhile(static line => line.StartsWith('#')).Select(static line => line.TrimStart('#').Trim()));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
