using System.Globalization;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Native;

/// <summary>Makes the options of a run from what a caller gave.</summary>
internal static unsafe class OptionsReader
{
    // GPUSYNTH_CLEAN
    private const ulong Clean = 1;

    /// <summary>Copies everything: the caller's memory is not looked at again.</summary>
    /// <exception cref="AbiException">An argument is wrong in itself.</exception>
    /// <exception cref="GpuSynthException">There is no such recipe, or its label maps cannot be read.</exception>
    public static EngineOptions Read(in AbiOptions options)
    {
        string text = AbiText.Read(options.Recipe, "options.recipe")
            ?? throw Refused("options.recipe is NULL or empty; give the name of a preset, such as rasd-3d, or a recipe's text.");
        string? labels = AbiText.Read(options.Labels, "options.labels");
        string device = AbiText.Read(options.Device, "options.device") ?? DeviceCatalogue.Host;
        if (options.SlotsOnDevice > 1)
        {
            throw Refused($"options.slots_on_device is {options.SlotsOnDevice}; it may be 0 or 1.");
        }

        if (options.ImageFormat is < (int)ImageFormat.Float32 or > (int)ImageFormat.BFloat16)
        {
            throw Refused(
                $"options.image_format is {options.ImageFormat}; it may be 0 (float32), 1 (float16) or 2 (bfloat16).");
        }

        if ((options.Flags & ~Clean) != 0)
        {
            throw Refused($"options.flags is {options.Flags}; this engine knows 1 (GPUSYNTH_CLEAN); use a newer engine, or leave it 0.");
        }

        Recipe recipe = text.Contains('\n', StringComparison.Ordinal) ? RecipeYaml.Parse(text, "recipe") : Presets.Get(text);
        recipe = labels is null ? recipe : recipe.WithLabelMaps();
        recipe = options.Flags == Clean ? recipe.Clean() : recipe;
        return new EngineOptions
        {
            Recipe = recipe,
            Shape = ReadShape(options.Size[0], options.Size[1], options.Size[2], recipe.Dimensions),
            BatchSize = options.Batch,
            Seed = options.Seed,
            Device = device,
            SlotsOnDevice = options.SlotsOnDevice == 1,
            ImageFormat = (ImageFormat)options.ImageFormat,
            Threads = options.Threads,
            LabelMaps = labels is null ? null : LoadMaps(recipe, labels),
        };
    }

    // Notices are no errors, so that no call can return them: they go to the standard error.
    private static LabelMapSet LoadMaps(Recipe recipe, string path)
    {
        LabelMapSet maps = RecipeLabelMaps.Load(recipe, path);
        foreach (string notice in maps.Notices.All)
        {
            Console.Error.WriteLine($"gpusynth: note: {notice}");
        }

        return maps;
    }

    /// <summary>Whether a device has a name that is right and is not on this machine.</summary>
    public static bool IsAbsent(in AbiOptions options)
    {
        string device = AbiText.Read(options.Device, "options.device") ?? DeviceCatalogue.Host;
        int colon = device.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && device[..colon] is "cuda" or "opencl"
            && int.TryParse(device.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && !DeviceCatalogue.List().Any(known => known.Name == device && known.CanGenerate);
    }

    private static VolumeShape ReadShape(int first, int second, int third, int dimensions)
    {
        bool isWhole = first > 0 && second >= 0 && third >= 0 && (second > 0 || third == 0);
        return !isWhole
            ? throw Refused(
                $"options.size is {{{first}, {second}, {third}}}; give {{96}} for a cube or square, {{height, width}} or "
                + "{depth, height, width}, and zeros behind.")
            : second == 0 ? VolumeShape.Cubic(dimensions, first)
            : third == 0 ? VolumeShape.Image(first, second)
            : VolumeShape.Volume(first, second, third);
    }

    private static AbiException Refused(string sentence) => new(ResultCode.InvalidArgument, sentence);
}
