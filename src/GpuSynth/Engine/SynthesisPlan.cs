using System.Globalization;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;

namespace GpuSynth;

/// <summary>A checked run: every byte that it will hold, declared before the first sample.</summary>
public sealed class SynthesisPlan
{
    /// <summary>The most voxels of an axis: what a NIfTI-1 header can hold.</summary>
    public const int LongestAxis = short.MaxValue;

    private const int MostLabels = 255;

    // What is known of a sample beside its voxels: what was drawn for it. Measured 575; it counts where samples are tiny.
    private const double RecordBytes = 500;

    private SynthesisPlan(EngineOptions options, int labelCount, RowLayout rows, IDevice device)
    {
        Options = options;
        LabelCount = labelCount;
        Device = device;
        Rows = rows;
        Buffers = [.. device.Buffers];
    }

    /// <summary>What was asked for.</summary>
    public EngineOptions Options { get; }

    /// <summary>
    /// Number of labels K of the samples; labels run from 0 to K - 1. Intensities may be made of more, which lie inside these
    /// (<see cref="LabelTables"/>).
    /// </summary>
    public int LabelCount { get; }

    /// <summary>Where what is drawn for a sample stands.</summary>
    public RowLayout Rows { get; }

    /// <summary>Worker threads.</summary>
    public int Threads => Device.ThreadCount;

    /// <summary>Bytes of one image.</summary>
    public long ImageBytesPerSample => Options.Shape.VoxelCount * GpuSlots.ValueBytes(Options.ImageFormat);

    /// <summary>Bytes of one label map.</summary>
    public long LabelBytesPerSample => Options.Shape.VoxelCount;

    /// <summary>Bytes of one slot: a batch of images and labels, in the caller's memory.</summary>
    public long SlotBytes => Options.BatchSize * (ImageBytesPerSample + LabelBytesPerSample);

    /// <summary>Memory that the engine holds beside the caller's slots.</summary>
    public IReadOnlyList<PlannedBuffer> Buffers { get; }

    /// <summary>Bytes of it.</summary>
    public long WorkspaceBytes => Device.WorkspaceBytes;

    /// <summary>The device, not started.</summary>
    internal IDevice Device { get; }

    /// <summary>Checks a run and declares its memory.</summary>
    /// <exception cref="PlanException">
    /// The shape does not fit the recipe, the device is unknown, label maps are missing, there are too many labels, or memory
    /// would not suffice.
    /// </exception>
    public static SynthesisPlan Create(EngineOptions options) => Create(options, null);

    /// <summary>The same, for a device that is opened by somebody else.</summary>
    /// <param name="options">The run.</param>
    /// <param name="open">Opens the device of a name; null for the machine's own.</param>
    internal static SynthesisPlan Create(EngineOptions options, Func<string, GpuBackend>? open)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckDevice(options.Device);
        if (options.BatchSize < 1)
        {
            throw new PlanException($"A batch of {options.BatchSize} samples cannot be made; the least is 1.");
        }

        if (options.Threads is < 0 or > 1024)
        {
            throw new PlanException($"{options.Threads} threads cannot be started; give 1 to 1024, or 0 for one per core.");
        }

        if (options.Device == DeviceCatalogue.Host && (options.SlotsOnDevice || options.ImageFormat != ImageFormat.Float32))
        {
            throw new PlanException(
                "Device host writes 32-bit floats into the host's memory; slots on a device and 16-bit images need a GPU.");
        }

        Recipe recipe = options.Recipe;
        if (recipe.Dimensions != options.Shape.Dimensions)
        {
            throw new PlanException(
                $"Recipe {recipe.Name} makes samples of {recipe.Dimensions} dimensions, "
                + $"but the size {options.Shape} has {options.Shape.Dimensions}.");
        }

        CheckComponents(recipe, options.Shape);
        CheckGiven(options);
        CheckOutputFits(options);
        CheckAxes(options.Shape);
        LabelTables labels = LabelsOf(options);
        int threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        try
        {
            bool isHost = options.Device == DeviceCatalogue.Host;
            var rows = new RowLayout(recipe.Components, new SampleFacts(options.Shape, labels.Count, options.LabelMaps, labels) { AreImagesGiven = options.AreImagesGiven });
            IDevice device = isHost ? new HostDevice(options, rows, threads) : new GpuDevice(options, rows, open ?? GpuBackends.Open);
            var plan = new SynthesisPlan(options, labels.TargetCount, rows, device);
            CheckMemory((options.SlotsOnDevice ? 0 : plan.SlotBytes) + (isHost ? plan.WorkspaceBytes : 0), options);
            return plan;
        }
        catch (OverflowException)
        {
            throw TooLarge(options, "its coarse grids alone outgrow what can be addressed");
        }
    }

    private static void CheckDevice(string name)
    {
        if (name == DeviceCatalogue.Host)
        {
            return;
        }

        IReadOnlyList<DeviceInfo> devices = DeviceCatalogue.List();
        DeviceInfo? known = devices.FirstOrDefault(device => device.Name == name);
        string list = string.Join(", ", devices.Where(static device => device.CanGenerate).Select(static device => device.Name));
        if (known is { CanGenerate: true })
        {
            return;
        }

        string why = DeviceCatalogue.WhyMissing(name) is { } reason ? $": {reason}. There is: " : "; there is: ";
        throw new PlanException(known is null
            ? $"There is no device {name} on this machine{why}{list}."
            : $"Device {name} ({known.Description}) cannot generate: {known.Remark}. Use: {list}.");
    }

    // What the passes cannot run is refused, and never run as something else.
    private static void CheckComponents(Recipe recipe, VolumeShape shape)
    {
        if (recipe.Appearance.FirstOrDefault(static component => component is not (IChainComponent or IStageComponent)) is { } unknown)
        {
            throw new PlanException(
                $"Recipe {recipe.Name} has {unknown.Name}, which is no {nameof(IChainComponent)} and no {nameof(IStageComponent)}, and no device runs others; "
                + $"derive it from {nameof(VoxelComponent<Gamma.Drawn>)}.");
        }

        foreach ((bool isAnatomy, ValueList<Component> list) in new[] { (true, recipe.Anatomy), (false, recipe.Appearance) })
        {
            for (int at = 0; at < list.Count; at++)
            {
                if (list[at].ComplaintsAt(shape).FirstOrDefault() is { } complaint)
                {
                    throw new PlanException($"Recipe {recipe.Name}: {RecipeRules.KeyOf(isAnatomy)}[{at}].{list[at].Name} {complaint}.");
                }
            }
        }
    }

    private static void CheckGiven(EngineOptions options)
    {
        if (!options.AreImagesGiven)
        {
            return;
        }

        if (options.ImageFormat != ImageFormat.Float32)
        {
            throw new PlanException("Images that are given are 32-bit floats; leave the 16-bit format out.");
        }

        if (options.Recipe.Appearance.Skip(1).FirstOrDefault(Recipe.ReadsLabels) is { } reader)
        {
            throw new PlanException(
                $"Recipe {options.Recipe.Name} has {reader.Name}, which looks at labels, and images that are given have none; take {nameof(Recipe)}.{nameof(Recipe.OnImages)}().");
        }
    }

    private static void CheckAxes(VolumeShape shape)
    {
        int longest = Math.Max(shape.Depth, Math.Max(shape.Height, shape.Width));
        if (longest > LongestAxis)
        {
            throw new PlanException(
                $"The size {shape} has an axis of {longest} voxels, "
                + $"more than the {LongestAxis} of a NIfTI file; use a smaller size.");
        }
    }

    // Contrast has a mean for the labels of each of the anatomies, whichever a sample has.
    private static LabelTables LabelsOf(EngineOptions options)
    {
        try
        {
            CheckLabels(options);
            LabelTables tables = LabelTables.Of(options.Recipe.Anatomy, options.Shape, options.LabelMaps);
            CheckNamed(options.Recipe.Appearance, tables.Count);
            return tables;
        }
        catch (ArgumentException error)
        {
            throw new PlanException($"Recipe {options.Recipe.Name}: {error.Message}", error);
        }
    }

    private static void CheckNamed(ValueList<Component> appearance, int count)
    {
        for (int at = 0; at < appearance.Count; at++)
        {
            foreach ((string key, int label) in appearance[at].NamedLabels.Where(one => one.Label >= count))
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{RecipeRules.KeyOf(isAnatomy: false)}[{at}].{appearance[at].Name}.{key}: the anatomies make no label {label}; name one of 0 to {count - 1}"));
            }
        }
    }

    private static void CheckLabels(EngineOptions options)
    {
        int labels = 0;
        foreach (IAnatomyComponent anatomy in options.Recipe.Anatomy.Cast<IAnatomyComponent>())
        {
            if (anatomy.NeedsLabelMaps)
            {
                CheckLabelMaps(options);
            }

            int own = anatomy.LabelCount(options.Shape, options.LabelMaps);
            labels = anatomy.Inside is null ? anatomy.LabelsWith(labels, own) : labels;

            // What label maps hold, their loader has checked.
            if (Math.Max(labels, own) > MostLabels && !anatomy.NeedsLabelMaps)
            {
                throw new PlanException(
                    $"Recipe {options.Recipe.Name} has {Math.Max(labels, own)} labels at {options.Shape}, "
                    + $"and a label map holds at most {MostLabels}; use a smaller first axis or a fixed number of labels.");
            }
        }
    }

    private static void CheckLabelMaps(EngineOptions options)
    {
        if (options.LabelMaps is null)
        {
            throw new PlanException(
                $"Recipe {options.Recipe.Name} draws from label maps and was given none; "
                + "name their folder with --labels DIR.");
        }

        // Of volumes images are slices.
        if (options.LabelMaps.Dimensions < options.Shape.Dimensions)
        {
            throw new PlanException(
                $"The label maps have {options.LabelMaps.Dimensions} dimensions, "
                + $"but the size {options.Shape} has {options.Shape.Dimensions}; take a recipe of 2 dimensions, or volumes.");
        }
    }

    // Before anything is built for it: a size typed with a zero too many must not first fill the memory with tables.
    private static void CheckOutputFits(EngineOptions options)
    {
        double voxels = (double)options.Shape.Depth * options.Shape.Height * options.Shape.Width;
        double slotBytes = options.SlotsOnDevice ? 0 : voxels * (sizeof(float) + 1);
        CheckMemory((slotBytes + RecordBytes) * options.BatchSize, options);
    }

    private static void CheckMemory(double bytes, EngineOptions options)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available)
        {
            throw TooLarge(options, $"this machine has {ByteCount.Text(available)}", bytes);
        }
    }

    private static PlanException TooLarge(EngineOptions options, string reason, double bytes = double.NaN)
    {
        string need = double.IsNaN(bytes) ? string.Empty : $" takes {ByteCount.Text(bytes)} of memory, and";
        string batch = options.BatchSize == 1 ? "A sample" : $"A batch of {options.BatchSize} samples";
        return new PlanException(
            $"{batch} of {options.Shape}{(need.Length == 0 ? " is too large:" : need)} {reason}; use a smaller size or batch.");
    }
}
