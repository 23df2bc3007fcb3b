using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>The host forms between torch's operators run on as many threads as those.</summary>
internal static class HostThreads
{
    /// <summary>Does work 0 to count - 1, in any order.</summary>
    public static void For(int count, Action<int> work)
    {
        int threads = Math.Min(torch.get_num_threads(), count);
        if (threads > 1)
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
            return;
        }

        for (int n = 0; n < count; n++)
        {
            work(n);
        }
    }
}
