using System.Globalization;
using GpuSynth.Planning;
using Spectre.Console;

namespace GpuSynth.Cli.Generating;

/// <summary>Says what a run would write and hold; writes nothing.</summary>
internal static class DryRun
{
    // manifest.jsonl, recipe.yaml, run.json.
    private const int FilesOfRun = 3;

    /// <summary>Prints it.</summary>
    /// <exception cref="GpuSynthException">The folder holds something else.</exception>
    public static void Print(GenerateRequest request, GenerateBatches batches, Output output)
    {
        SynthesisPlan plan = batches.Plan;
        output.Tell(plan.Options.LabelMaps?.Notices);
        RunFolder.Check(request.Folder, GenerateRecord.Of(request.Samples, plan.Options.LabelMaps, request.Format));
        ChosenSamples samples = request.Samples;
        long files = (samples.Count * request.Format.FileCount) + FilesOfRun;
        long sampleBytes = plan.ImageBytesPerSample + plan.LabelBytesPerSample;
        double bytes = (double)samples.Count * sampleBytes;
        List<PlannedBuffer> buffers =
        [
            .. plan.Buffers,
            new("samples in hand", batches.SlotBytes, "images and labels, until they are written"),
        ];
        if (plan.Options.LabelMaps is { } maps)
        {
            buffers.Add(new("label maps", maps.TotalBytes, "loaded once"));
        }

        if (request.IsJson)
        {
            WriteJson(request, batches, buffers, files, bytes, output);
            return;
        }

        Table facts = Output.Table("what", "value").HideHeaders();
        Output.AddRow(facts, "recipe", samples.Recipe.Name);
        long last = samples.Start + samples.Count - 1;
        Output.AddRow(facts, "samples", Invariant($"{samples.Count}, numbers {samples.Start} to {last}, seed {samples.Seed}"));
        Output.AddRow(facts, "size", Invariant($"{samples.Shape} voxels, {plan.LabelCount} labels"));
        Output.AddRow(facts, "files", Invariant($"{files:N0} in {request.Folder}, {request.Format.Name}"));
        Output.AddRow(facts, "disk", $"at most about {ByteCount.Text(bytes)}{FreeText(request.Folder)}");
        Output.AddRow(facts, "batches", Invariant($"of {Samples(batches.BatchSize)}, {batches.SlotCount} in memory at once"));
        Output.AddRow(
            facts, "threads", Invariant($"{plan.Threads} generate on {plan.Options.Device}, {batches.WriterCount} write"));
        output.DataConsole.Write(facts);

        PrintMemory(buffers, output);
        output.Data.WriteLine("Dry run: nothing was written.");
    }

    /// <summary>Prints memory that was declared, and its sum.</summary>
    public static void PrintMemory(IReadOnlyCollection<PlannedBuffer> buffers, Output output)
    {
        Table memory = Output.Table("memory", ">size", "what for");
        foreach (PlannedBuffer buffer in buffers)
        {
            Output.AddRow(memory, buffer.Name, ByteCount.Text(buffer.Bytes), buffer.Purpose);
        }

        Output.AddRow(memory, "all", ByteCount.Text(buffers.Sum(static buffer => buffer.Bytes)), string.Empty);
        output.DataConsole.Write(memory);
    }

    private static void WriteJson(
        GenerateRequest request, GenerateBatches batches, List<PlannedBuffer> buffers, long files, double bytes, Output output) =>
        output.WriteJson(writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("dryRun", true);
            writer.WriteString("out", Path.GetFullPath(request.Folder));
            writer.WriteString("recipe", request.Samples.Recipe.Name);
            writer.WriteNumber("samples", request.Samples.Count);
            writer.WriteNumber("start", request.Samples.Start);
            writer.WriteNumber("seed", request.Samples.Seed);
            writer.WriteString("size", request.Samples.Shape.ToString());
            writer.WriteString("format", request.Format.Name);
            writer.WriteNumber("labels", batches.Plan.LabelCount);
            writer.WriteNumber("files", files);
            writer.WriteNumber("bytesAtMost", bytes);
            writer.WriteNumber("batch", batches.BatchSize);
            writer.WriteNumber("batchesInMemory", batches.SlotCount);
            writer.WriteNumber("threads", batches.Plan.Threads);
            writer.WriteNumber("writers", batches.WriterCount);
            writer.WriteNumber("workspaceBytes", batches.Plan.WorkspaceBytes);
            writer.WriteStartArray("memory");
            foreach (PlannedBuffer buffer in buffers)
            {
                writer.WriteStartObject();
                writer.WriteString("name", buffer.Name);
                writer.WriteNumber("bytes", buffer.Bytes);
                writer.WriteString("purpose", buffer.Purpose);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    private static string FreeText(string folder)
    {
        try
        {
            // The folder may not be there yet: ask for the nearest one above it that is.
            DirectoryInfo? place = new(folder);
            while (place is { Exists: false })
            {
                place = place.Parent;
            }

            return place is null
                ? string.Empty
                : $", {ByteCount.Text(new DriveInfo(place.FullName).AvailableFreeSpace)} are free";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return string.Empty;
        }
    }

    private static string Samples(int count) => count == 1 ? "1 sample" : Invariant($"{count} samples");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
