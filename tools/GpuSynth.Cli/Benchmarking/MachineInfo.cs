using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Cli.Benchmarking;

/// <summary>The machine that a figure was measured on, as far as it tells.</summary>
/// <param name="Processor">Model of the processor.</param>
/// <param name="Cores">Cores that this process may use.</param>
/// <param name="VectorBits">Widest vectors that the compiler uses.</param>
/// <param name="Level2Bytes">Second-level cache of one core; 1 MiB where the system does not say.</param>
/// <param name="LastLevelBytes">Last-level cache, all cores together; 32 MiB where the system does not say.</param>
/// <param name="OperatingSystem">Operating system.</param>
/// <param name="DotNet">Version of .NET.</param>
public sealed record MachineInfo(
    string Processor, int Cores, int VectorBits, long Level2Bytes, long LastLevelBytes, string OperatingSystem, string DotNet)
{
    /// <summary>Above this load per core, other work is part of what is measured.</summary>
    public const double QuietLoadPerCore = 0.5;

    /// <summary>Asks this machine.</summary>
    public static MachineInfo Read() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128,
        CacheBytes(2) ?? 1L << 20,
        CacheBytes(3) ?? 32L << 20,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    /// <summary>Runnable processes over the last minute; null where the system does not say.</summary>
    public static double? LoadAverage() =>
        ReadLine("/proc/loadavg") is { } line
        && double.TryParse(line.Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double load)
            ? load
            : null;

    /// <summary>One sentence where the machine was too busy to measure on; null where it was quiet or does not say.</summary>
    /// <param name="load">Load average before the run.</param>
    public string? LoadWarning(double? load) => load > QuietLoadPerCore * Cores
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"Warning: the load average was {load:0.0} on {Cores} cores before the run; these figures hold other work too.")
        : null;

    /// <summary>"Intel Xeon, 2 cores, 512-bit vectors, Linux, .NET 10.0.1".</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Processor}, {Cores} cores, {VectorBits}-bit vectors, {OperatingSystem}, {DotNet}");

    private static string ProcessorName()
    {
        if (File.Exists("/proc/cpuinfo"))
        {
            string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(
                static line => line.StartsWith("model name", StringComparison.Ordinal));
            if (line is not null)
            {
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static long? CacheBytes(int level)
    {
        const string folder = "/sys/devices/system/cpu/cpu0/cache";
        for (int index = 0; ReadLine($"{folder}/index{index}/level") is { } found; index++)
        {
            string? size = ReadLine($"{folder}/index{index}/size");
            if (found == level.ToString(CultureInfo.InvariantCulture)
                && size is not null
                && long.TryParse(size.TrimEnd('K'), NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
            {
                return kibibytes << 10;
            }
        }

        return null;
    }

    private static string? ReadLine(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadLines(path).FirstOrDefault()?.Trim() : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
