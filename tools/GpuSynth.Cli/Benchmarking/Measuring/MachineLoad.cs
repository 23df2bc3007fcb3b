using System.Globalization;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>How busy the machine was before a run: a figure measured on a busy one holds other work too.</summary>
/// <param name="Average">Runnable processes over the last minute; null where the system does not say.</param>
/// <param name="Cores">Cores that this process may use.</param>
internal sealed record MachineLoad(double? Average, int Cores)
{
    /// <summary>Above this load per core a run is noisy.</summary>
    public const double QuietPerCore = 0.5;

    /// <summary>One sentence where the machine was busy; null where it was quiet or does not say.</summary>
    public string? Warning => Average > QuietPerCore * Cores
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"Warning: the load average was {Average:0.0} on {Cores} cores before the run; these figures hold other work too.")
        : null;

    /// <summary>Of this machine, now.</summary>
    public static MachineLoad Current()
    {
        const string source = "/proc/loadavg";
        double? average = File.Exists(source)
            && double.TryParse(
                File.ReadAllText(source).Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double load)
                ? load
                : null;
        return new MachineLoad(average, Environment.ProcessorCount);
    }
}
