using System.Globalization;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>Sizes of the caches; a common size where the system does not say.</summary>
/// <param name="Level2Bytes">Second-level cache of one core; otherwise 1 MiB.</param>
/// <param name="LastLevelBytes">Last-level cache, all cores together; otherwise 32 MiB.</param>
internal sealed record CacheSizes(long Level2Bytes, long LastLevelBytes)
{
    /// <summary>Of this machine.</summary>
    public static CacheSizes Current() => new(Bytes(2) ?? 1L << 20, Bytes(3) ?? 32L << 20);

    private static long? Bytes(int level)
    {
        const string folder = "/sys/devices/system/cpu/cpu0/cache";
        for (int index = 0; File.Exists($"{folder}/index{index}/level"); index++)
        {
            string found = File.ReadAllText($"{folder}/index{index}/level").Trim();
            string size = $"{folder}/index{index}/size";
            if (found == level.ToString(CultureInfo.InvariantCulture)
                && File.Exists(size)
                && long.TryParse(
                    File.ReadAllText(size).Trim().TrimEnd('K'),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out long kibibytes))
            {
                return kibibytes << 10;
            }
        }

        return null;
    }
}
