using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using ILGPU;

namespace GpuSynth.Cli.Emitting;

/// <summary>
/// One batch as the engine launches it on a GPU, written down to be launched by something else, and what the host makes of the
/// same keys, to compare with.
/// </summary>
internal sealed class EmittedCase
{
    // What is compared on the other machine travels with the case.
    private const long MostExpectedBytes = 16_000_000;
    private const ulong Seed = 7;

    // A label may differ where two fields are within rounding of each other, an image next to such a voxel and by rounding.
    private const double LabelMismatchFraction = 2e-4;
    private const double ImageTolerance = 2e-3;

    private readonly EngineOptions options;

    private EmittedCase(EngineOptions options)
    {
        this.options = options;
        VolumeShape shape = options.Shape;
        bool isCubic = shape == VolumeShape.Cubic(shape.Dimensions, shape.Side);
        string size = isCubic ? shape.Side.ToString(CultureInfo.InvariantCulture) : shape.ToString();
        string format = options.ImageFormat == ImageFormat.Float32 ? "" : "-" + FormatName;
        Name = string.Create(CultureInfo.InvariantCulture, $"{options.Recipe.Name}-{size}-b{options.BatchSize}{format}");
    }

    /// <summary>"rasd-3d-128-b8".</summary>
    public string Name { get; }

    private string FormatName => options.ImageFormat.ToString().ToLowerInvariant();

    /// <summary>Reads "PRESET:SIZE:BATCH", or "PRESET:SIZE:BATCH:FORMAT"; the file of a recipe may take the preset's place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">Label maps for recipes that draw from them; null for none.</param>
    /// <exception cref="WrongUseException">It is something else.</exception>
    public static EmittedCase Parse(string text, string? labels)
    {
        string[] parts = text.Split(':');
        string complaint = "";
        ImageFormat format = ImageFormat.Float32;
        if (parts.Length is not (3 or 4)
            || (parts.Length == 4 && !Enum.TryParse(parts[3], ignoreCase: true, out format))
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int batch)
            || batch is < 1 or > 65535
            || !SizeText.TryParse(parts[1], out SizeText? size, out complaint))
        {
            throw new WrongUseException(
                $"--case: '{text}' is not a case{(complaint.Length > 0 ? $" ({complaint})" : "")}; "
                + "give a preset or the file of a recipe, a size and a batch such as rasd-3d:128:8, and a format of images (:bfloat16) if not float32.");
        }

        Recipe recipe = File.Exists(parts[0]) ? RecipeYaml.Read(parts[0]) : RecipeArguments.Preset(parts[0]);
        return new EmittedCase(
            new EngineOptions
            {
                Recipe = recipe,
                Shape = size!.ToShape(recipe),
                BatchSize = batch,
                Seed = Seed,
                ImageFormat = format,
                LabelMaps = RecipeArguments.LoadLabelMaps(recipe, labels),
            });
    }

    /// <summary>Writes the case into a folder, as <c>cases/NAME.json</c> and a folder of its own.</summary>
    /// <returns>The kernels that it launches.</returns>
    public IReadOnlyCollection<EmittedKernel> Write(string folder)
    {
        string own = Path.Combine(folder, "cases", Name);
        Directory.CreateDirectory(own);
        EngineOptions onGpu = options with { Device = "cuda:0", SlotsOnDevice = true };
        EngineOptions onHost = options with { BatchSize = 1, ImageFormat = ImageFormat.Float32 };
        using var host = new SynthesisEngine(SynthesisPlan.Create(onHost));
        int labelCount = host.Plan.LabelCount;
        var recorder = new LaunchRecorder();
        using var device = new GpuDevice(onGpu, host.Plan.Rows, _ => recorder);
        device.Start();
        SlotMemory slot = device.AllocateSlot();
        SampleKey[] keys = [.. Enumerable.Range(0, options.BatchSize).Select(static n => SampleKey.Of(n))];
        device.Generate(keys, slot, [.. keys.Select(_ => host.CreateDrawn())]);
        int expected = WriteExpected(host, own);
        AtomicFile.WriteText(
            Path.Combine(folder, "cases", Name + ".json"),
            JsonText.Of(writer => WriteJson(writer, recorder, device, slot, labelCount, expected, own)));
        return [.. recorder.Emitted];
    }

    private static void WriteBytes(string path, ReadOnlySpan<byte> bytes) => AtomicFile.Write(
        path, bytes.Length, bytes, static (stream, content) => stream.Write(content));

    private int WriteExpected(SynthesisEngine engine, string own)
    {
        long voxels = options.Shape.VoxelCount;
        int count = (int)Math.Clamp(MostExpectedBytes / (voxels * (sizeof(float) + 1)), 1, options.BatchSize);
        var image = new float[count * voxels];
        var label = new byte[count * voxels];
        DrawnSample drawn = engine.CreateDrawn();
        for (int sample = 0; sample < count; sample++)
        {
            var place = new Range((int)(sample * voxels), (int)((sample + 1) * voxels));
            engine.Generate(SampleKey.Of(sample), image.AsSpan(place), label.AsSpan(place), drawn);
        }

        WriteBytes(Path.Combine(own, "image.f32"), MemoryMarshal.AsBytes<float>(image));
        WriteBytes(Path.Combine(own, "label.u8"), label);
        return count;
    }

    private void WriteJson(
        Utf8JsonWriter writer,
        LaunchRecorder recorder,
        GpuDevice device,
        SlotMemory slot,
        int labelCount,
        int expected,
        string own)
    {
        VolumeShape shape = options.Shape;
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WriteString("recipe", options.Recipe.Name);
        writer.WriteString("recipeYaml", RecipeYaml.Write(options.Recipe));
        writer.WriteStartArray("shape");
        foreach (int axis in shape.Dimensions == 3 ? [shape.Depth, shape.Height, shape.Width] : new[] { shape.Height, shape.Width })
        {
            writer.WriteNumberValue(axis);
        }

        writer.WriteEndArray();
        writer.WriteNumber("batch", options.BatchSize);
        writer.WriteNumber("seed", options.Seed);
        writer.WriteNumber("firstSample", 0);
        writer.WriteNumber("labels", labelCount);
        writer.WriteString("imageFormat", FormatName);
        WriteBuffers(writer, recorder, device, slot, own);
        WriteLaunches(writer, recorder);
        writer.WriteStartObject("expected");
        writer.WriteNumber("samples", expected);
        writer.WriteString("label", $"cases/{Name}/label.u8");
        writer.WriteString("image", $"cases/{Name}/image.f32");
        writer.WriteNumber("imageTolerance", options.ImageFormat == ImageFormat.BFloat16 ? 2 * ImageTolerance : ImageTolerance);
        writer.WriteNumber("labelMismatchFraction", LabelMismatchFraction);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteBuffers(Utf8JsonWriter writer, LaunchRecorder recorder, GpuDevice device, SlotMemory slot, string own)
    {
        string[] names = [.. device.Buffers.Select(static buffer => buffer.Name)];
        writer.WriteObjects("buffers", recorder.Buffers, buffer =>
        {
            string role = buffer.Address == slot.Image ? "image" : buffer.Address == slot.Label ? "label" : "workspace";
            writer.WriteNumber("id", buffer.Id);
            writer.WriteString("name", buffer.Id < names.Length ? names[buffer.Id] : role);
            writer.WriteString("role", role);
            writer.WriteNumber("bytes", buffer.Bytes);
            if (buffer.Contents is { } contents)
            {
                WriteBytes(Path.Combine(own, $"{buffer.Id}.bin"), contents);
                writer.WriteString("init", $"cases/{Name}/{buffer.Id}.bin");
            }
            else
            {
                writer.WriteNull("init");
            }
        });
    }

    private static void WriteLaunches(Utf8JsonWriter writer, LaunchRecorder recorder)
    {
        writer.WriteObjects("launches", recorder.Launches, launch =>
        {
            writer.WriteString("kernel", launch.Kernel.Name);
            WriteDimensions(writer, "grid", launch.Config.GridDim);
            WriteDimensions(writer, "block", launch.Config.GroupDim);
            writer.WriteNumber("sharedBytes", 0);
            writer.WriteString("parameters", Convert.ToHexStringLower(launch.Arguments));
            writer.WriteObjects("pointers", launch.Pointers, pointer =>
            {
                writer.WriteNumber("offset", pointer.Offset);
                writer.WriteNumber("buffer", pointer.Buffer);
                writer.WriteNumber("byteOffset", pointer.ByteOffset);
            });
        });
    }

    private static void WriteDimensions(Utf8JsonWriter writer, string name, Index3D dimensions)
    {
        writer.WriteStartArray(name);
        writer.WriteNumberValue(dimensions.X);
        writer.WriteNumberValue(dimensions.Y);
        writer.WriteNumberValue(dimensions.Z);
        writer.WriteEndArray();
    }
}
