using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli.Emitting;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;
using GpuSynth.IO;
using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth kernels emit": the kernels of a GPU as text, and batches that use them, to be run without .NET.</summary>
internal static class KernelsCommand
{
    private static readonly string[] UsualCases =
        ["rasd-3d:32:2", "rasd-3d:96:4", "rasd-3d:128:8", "rasd-2d:64:3", "rasd-2d:512:16"];

    /// <summary>The command.</summary>
    public static Command Create(ToolContext context)
    {
        var emit = new Command(
            "emit", "Write PTX, a manifest, and recorded batches with what the host makes of them; needs no GPU, but ILGPU itself.");
        var folder = new Option<string>("--out")
        {
            Description = "A new folder.",
            HelpName = "DIR",
            Required = true,
        };
        var cases = new Option<string[]>("--case")
        {
            Description = $"A batch to record, PRESET|FILE:SIZE:BATCH[:FORMAT of images]; may be given again. Default: {string.Join(", ", UsualCases)}.",
            HelpName = "CASE",
        };
        Option<string?> labels = ToolOption.Labels();
        labels.Description = "Label maps for cases of labelmap-3d.";
        emit.Add(folder);
        emit.Add(cases);
        emit.Add(labels);
        emit.SetAction(parsed =>
        {
            string[] given = parsed.GetValue(cases) is { Length: > 0 } some ? some : UsualCases;
            Emit(parsed.GetRequiredValue(folder), [.. given.Select(text => EmittedCase.Parse(text, parsed.GetValue(labels)))], context);
            return ExitCode.Done;
        });
        return new Command("kernels", "The kernels of GPUs, for those who look at them or run them elsewhere.") { emit };
    }

    // Into a folder of another name, which then takes its own: what has the name is complete.
    private static void Emit(string folder, EmittedCase[] cases, ToolContext context)
    {
        if (Directory.Exists(folder) || File.Exists(folder))
        {
            throw new WrongUseException($"'{folder}' is there already; name a new folder with --out, or remove it.");
        }

        string partial = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + AtomicFile.PartialSuffix;
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }

        Directory.CreateDirectory(Path.Combine(partial, "kernels"));
        var kernels = new SortedDictionary<string, EmittedKernel>(StringComparer.Ordinal);
        foreach (EmittedCase one in cases)
        {
            context.Stop.ThrowIfCancellationRequested();
            foreach (EmittedKernel kernel in one.Write(partial))
            {
                kernels[kernel.Name] = kernel;
            }

            context.Output.Messages.WriteLine($"recorded {one.Name}");
        }

        string[] launched = [.. kernels.Keys];
        WriteKernels(partial, kernels);
        AtomicFile.WriteText(
            Path.Combine(partial, "manifest.json"), JsonText.Of(writer => WriteManifest(writer, kernels.Values, launched, cases)));
        Directory.Move(partial, folder);
        context.Output.Data.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{kernels.Count} kernels and {cases.Length} batches in {folder}"));
    }

    // All kernels, launched by a case or not, as PTX and as OpenCL C.
    private static void WriteKernels(string folder, SortedDictionary<string, EmittedKernel> kernels)
    {
        var ptx = new KernelEmitter();
        using var openCl = new OpenClEmitter();
        foreach (Type type in KernelCatalogue.All.Where(type => !kernels.ContainsKey(KernelEntry.NameOf(type))))
        {
            kernels.Add(KernelEntry.NameOf(type), ptx.Emit(type, "the compiler"));
        }

        foreach (EmittedKernel kernel in kernels.Values)
        {
            AtomicFile.WriteText(Path.Combine(folder, FileOf(kernel)), kernel.Text);
            AtomicFile.WriteText(Path.Combine(folder, "kernels", kernel.Name + ".cl"), openCl.Emit(kernel.Type));
        }
    }

    private static string FileOf(EmittedKernel kernel) => $"kernels/{kernel.Name}.ptx";

    private static void WriteManifest(Utf8JsonWriter writer, IEnumerable<EmittedKernel> kernels, string[] launched, EmittedCase[] cases)
    {
        writer.WriteStartObject();
        writer.WriteNumber("format", 1);
        writer.WriteString("tool", $"gpusynth {ToolVersion.Short}");
        writer.WriteString("commit", SourceCommit.Find());
        writer.WriteString("ilgpu", typeof(Context).Assembly.GetName().Version?.ToString(3));
        writer.WriteStartArray("kernels");
        foreach (EmittedKernel kernel in kernels)
        {
            WriteKernel(writer, kernel, launched.Contains(kernel.Name));
        }

        writer.WriteEndArray();
        writer.WriteObjects("cases", cases, one =>
        {
            writer.WriteString("name", one.Name);
            writer.WriteString("file", $"cases/{one.Name}.json");
        });
        writer.WriteEndObject();
    }

    private static void WriteKernel(Utf8JsonWriter writer, EmittedKernel kernel, bool isLaunched)
    {
        writer.WriteStartObject();
        writer.WriteString("name", kernel.Name);
        writer.WriteString("entry", kernel.Entry);
        writer.WriteString("file", FileOf(kernel));
        writer.WriteBoolean("launched", isLaunched);
        writer.WriteString("target", kernel.Directive("target"));
        writer.WriteString("ptxVersion", kernel.Directive("version"));
        writer.WriteNumber("sharedBytes", kernel.SharedBytes);
        writer.WriteObjects("arguments", kernel.Layout.Arguments, argument =>
        {
            writer.WriteString("name", argument.Name);
            writer.WriteNumber("offset", argument.Offset);
            writer.WriteNumber("size", argument.Bytes);
        });
        writer.WriteNumber("parameterBytes", kernel.Layout.Bytes);
        writer.WriteEndObject();
    }
}
