using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Serialization;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>What a walk over memory does to it. A store fetches the line that it will overwrite, so that these differ.</summary>
internal enum MemoryWalk
{
    /// <summary>From one array to another.</summary>
    Copy,

    /// <summary>In place.</summary>
    Update,

    /// <summary>Nothing is written.</summary>
    Read,
}

/// <summary>
/// Best measured bandwidth of a walk, in GB/s. Bytes read and bytes written both count, lines that a store first fetches do not:
/// kernels count the same way.
/// </summary>
/// <param name="Memory">Arrays larger than the last-level cache.</param>
/// <param name="LastLevel">
/// Arrays that outgrow the second-level cache and fit in the last: a quarter of it each, for what is as large as that is not all there on a
/// machine whose last cache others use too.
/// </param>
/// <param name="Level2">Arrays that fit in the second-level cache of each thread.</param>
internal sealed record Bandwidth(double Memory, double LastLevel, double Level2)
{
    private const int Lanes = 16;
    private const int Unrolled = 4 * Lanes;
    private const long BytesPerRepetition = 64L << 20;

    // The best of these counts.
    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(50), Least = 7, Most = 60, Duration = TimeSpan.FromMilliseconds(200) };

    /// <summary>In memory, in the last-level cache and in level 2: "19.8 25.5 75.6".</summary>
    [JsonIgnore]
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Memory:0.0} {LastLevel:0.0} {Level2:0.0}");

    /// <summary>The better of two measurements.</summary>
    public Bandwidth Best(Bandwidth other) =>
        new(Math.Max(Memory, other.Memory), Math.Max(LastLevel, other.LastLevel), Math.Max(Level2, other.Level2));

    /// <summary>Measures this machine with all threads of the crew.</summary>
    public static Bandwidth Measure(ThreadCrew crew, CacheSizes caches, MemoryWalk walk) => Vector512.IsHardwareAccelerated
        ? Measure<Vector16>(crew, caches, walk)
        : Measure<UsualVector>(crew, caches, walk);

    private static Bandwidth Measure<T>(ThreadCrew crew, CacheSizes caches, MemoryWalk walk)
        where T : struct, IWideVector<T> => new(
        Measure<T>(crew, walk, Math.Clamp(caches.LastLevelBytes, 64L << 20, 1L << 30)),
        Measure<T>(crew, walk, Math.Max(4 * caches.Level2Bytes * crew.Count, caches.LastLevelBytes / 4)),
        Measure<T>(crew, walk, caches.Level2Bytes / 4 * crew.Count));

    // Each thread walks a part of its own; a small one often enough that starting it does not count.
    private static unsafe double Measure<T>(ThreadCrew crew, MemoryWalk walk, long bytes)
        where T : struct, IWideVector<T>
    {
        long part = bytes / crew.Count / (Unrolled * sizeof(float)) * (Unrolled * sizeof(float));
        int times = (int)Math.Max(1, BytesPerRepetition / bytes);
        byte* from = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        byte* to = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        try
        {
            // Touched once: the system hands out pages only when they are written.
            NativeMemory.Fill(from, (nuint)bytes, 1);
            NativeMemory.Fill(to, (nuint)bytes, 2);
            var sums = new float[crew.Count * Lanes];
            Repeated repeated = Repeated.Measure(
                _ => crew.Run(thread =>
                {
                    for (int i = 0; i < times; i++)
                    {
                        byte* at = from + (thread * part);
                        switch (walk)
                        {
                            case MemoryWalk.Copy:
                                Buffer.MemoryCopy(at, to + (thread * part), part, part);
                                break;
                            case MemoryWalk.Update:
                                Update<T>((float*)at, part / sizeof(float));
                                break;
                            default:
                                sums[thread * Lanes] += Sum<T>((float*)at, part / sizeof(float));
                                break;
                        }
                    }
                }),
                Repeats);
            double ways = walk == MemoryWalk.Read ? 1 : 2;
            return ways * part * crew.Count * times / repeated.Milliseconds.Minimum / 1e6;
        }
        finally
        {
            NativeMemory.AlignedFree(from);
            NativeMemory.AlignedFree(to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Update<T>(float* values, long count)
        where T : struct, IWideVector<T>
    {
        T one = T.Of(1);
        for (long i = 0; i < count; i += 4 * T.Count)
        {
            (T.Load(values + i) * one).Store(values + i);
            (T.Load(values + i + T.Count) * one).Store(values + i + T.Count);
            (T.Load(values + i + (2 * T.Count)) * one).Store(values + i + (2 * T.Count));
            (T.Load(values + i + (3 * T.Count)) * one).Store(values + i + (3 * T.Count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe float Sum<T>(float* values, long count)
        where T : struct, IWideVector<T>
    {
        T a = default, b = default, c = default, d = default;
        for (long i = 0; i < count; i += 4 * T.Count)
        {
            a += T.Load(values + i);
            b += T.Load(values + i + T.Count);
            c += T.Load(values + i + (2 * T.Count));
            d += T.Load(values + i + (3 * T.Count));
        }

        return (a + b + c + d).Sum();
    }
}
