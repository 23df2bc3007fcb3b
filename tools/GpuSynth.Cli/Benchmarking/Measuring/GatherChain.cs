using System.Runtime.CompilerServices;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>Looks into a table at indices that nobody knows before, as fast as one thread can gather from its nearest cache.</summary>
internal static unsafe class GatherChain
{
    // 16 KB.
    private const int TableLength = 1 << 12;
    private const int Rounds = 1 << 17;
    private const int CacheLine = 16;

    // The best of these counts.
    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(50), Least = 15, Most = 100, Duration = TimeSpan.FromMilliseconds(300) };

    /// <summary>10^9 numbers per second, of all lanes and of all threads of the crew together.</summary>
    public static double Gigagathers(ThreadCrew crew)
    {
        using var table = new NativeMemoryBlock<float>(TableLength);
        for (int i = 0; i < TableLength; i++)
        {
            table.Pointer[i] = i * (1f / TableLength);
        }

        // Kept, so that the looks are not optimised away.
        var sums = new float[crew.Count * CacheLine];
        bool isWide = HostStep.Lanes == 16;
        var numbers = new NumberTable(table.Pointer);
        Repeated repeated = Repeated.Measure(
            _ => crew.Run(thread => sums[thread * CacheLine] = isWide ? Run<Real16, Word16>(numbers) : Run<Real8, Word8>(numbers)),
            Repeats);
        return 4.0 * HostStep.Lanes * Rounds * crew.Count / repeated.Milliseconds.Minimum / 1e6;
    }

    // Four independent looks a round.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run<F, U>(in NumberTable table)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F a = F.Of(0), b = a, c = a, d = a;
        U index = F.CountFrom(1) * U.Of(2654435769u);
        U step = U.Of(0x9e37u);
        U mask = U.Of(TableLength - 1);
        for (int round = 0; round < Rounds; round++)
        {
            a += F.Look(in table, index & mask);
            b += F.Look(in table, U.ShiftRight(index, 5) & mask);
            c += F.Look(in table, U.ShiftRight(index, 10) & mask);
            d += F.Look(in table, U.ShiftRight(index, 15) & mask);
            index += step;
        }

        float* lanes = stackalloc float[F.Count];
        F.Store(a + b + c + d, lanes);
        return lanes[0];
    }
}
