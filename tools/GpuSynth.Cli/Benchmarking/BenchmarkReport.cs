using System.Text.Json;
using GpuSynth.Benchmarking.Measuring;

namespace GpuSynth.Benchmarking;

/// <summary>What the benchmark of the engine measured, and on what.</summary>
internal sealed record BenchmarkReport
{
    /// <summary>Name of the recipe.</summary>
    public required string Recipe { get; init; }

    /// <summary>Name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>Voxels in array order: "128x128x128".</summary>
    public required string Size { get; init; }

    /// <summary>Voxels of a sample.</summary>
    public required long Voxels { get; init; }

    /// <summary>Labels.</summary>
    public required int Labels { get; init; }

    /// <summary>Threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Samples that were timed, after warm-up.</summary>
    public required int Samples { get; init; }

    /// <summary>Milliseconds of one sample at a time, all threads on it.</summary>
    public required Spread Milliseconds { get; init; }

    /// <summary>Median milliseconds of its stages.</summary>
    public required StageTimes Stages { get; init; }

    /// <summary>Samples in a batch, where batches were timed as well; 0 where their memory did not suffice.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Milliseconds of a batch; null without one.</summary>
    public required Spread? BatchMilliseconds { get; init; }

    /// <summary>Bytes that the engine holds beside the output, at batch size 1.</summary>
    public required long WorkspaceBytes { get; init; }

    /// <summary>What the machine can do at most.</summary>
    public required ThreadCeilings Ceilings { get; init; }

    /// <summary>The machine.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>The source.</summary>
    public required string Commit { get; init; }

    /// <summary>Samples per second, one at a time: of the median.</summary>
    public double VolumesPerSecond => 1000 / Milliseconds.Median;

    /// <summary>Samples per second in batches: of the median; 0 without batches.</summary>
    public double BatchVolumesPerSecond => BatchMilliseconds is null ? 0 : 1000 * BatchSize / BatchMilliseconds.Median;

    /// <summary>Nanoseconds per voxel, one sample at a time.</summary>
    public double NanosecondsPerVoxel => 1e6 * Milliseconds.Median / Voxels;

    /// <summary>Writes the report as one JSON object; milliseconds unless a name says otherwise.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("recipe", Recipe);
        writer.WriteString("device", Device);
        writer.WriteString("size", Size);
        writer.WriteNumber("labels", Labels);
        writer.WriteNumber("threads", Threads);
        writer.WriteNumber("samples", Samples);
        Write(writer, "volumesPerSecond", VolumesPerSecond);
        Write(writer, "nanosecondsPerVoxel", NanosecondsPerVoxel);
        Write(writer, "spread", Milliseconds);
        writer.WriteStartObject("stages");
        Write(writer, "draw", Stages.Draw);
        Write(writer, "anatomy", Stages.Anatomy);
        Write(writer, "appearance", Stages.Appearance);
        Write(writer, "normalise", Stages.Normalise);
        writer.WriteEndObject();
        if (BatchMilliseconds is not null)
        {
            writer.WriteStartObject("batch");
            writer.WriteNumber("size", BatchSize);
            Write(writer, "volumesPerSecond", BatchVolumesPerSecond);
            Write(writer, "spread", BatchMilliseconds);
            writer.WriteEndObject();
        }

        writer.WriteNumber("workspaceBytes", WorkspaceBytes);
        writer.WriteStartObject("ceilings");
        Write(writer, "copyGigabytesPerSecond", Ceilings.Copy.Memory);
        Write(writer, "multiplyAddGigaflops", Ceilings.Gigaflops);
        writer.WriteEndObject();
        writer.WritePropertyName("machine");
        Machine.WriteJson(writer);
        writer.WriteString("commit", Commit);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, double value) => writer.WriteNumber(name, Math.Round(value, 4));

    private static void Write(Utf8JsonWriter writer, string name, Spread spread)
    {
        writer.WriteStartObject(name);
        Write(writer, "min", spread.Minimum);
        Write(writer, "q1", spread.LowerQuartile);
        Write(writer, "median", spread.Median);
        Write(writer, "q3", spread.UpperQuartile);
        Write(writer, "p95", spread.Percentile95);
        Write(writer, "max", spread.Maximum);
        writer.WriteEndObject();
    }
}
