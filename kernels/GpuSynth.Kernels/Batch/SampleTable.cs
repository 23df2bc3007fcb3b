using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// SampleTable: the parameters of a batch reach the device as arguments of a launch, not as a copy: 256 words per launch, stored by
// 16 threads. A launch's arguments are copied by the driver when it is called, so that the host may go on at once and nothing
// waits. The first launch of a batch also empties what the batch will measure.
// words: uint[B][stride] (SampleLayout); measured: uint[B][4] (MeasuredWords).

/// <summary>Puts the parameters of a batch on the device.</summary>
public static class SampleTable
{
    /// <summary>Words that one launch carries.</summary>
    public const int WordsPerLaunch = 256;

    private const int Threads = 16;

    // One group of 16 threads; thread t stores the words of block t.
    internal readonly struct StoreKernel(ArrayView<uint> words, ArrayView<uint> measured, int first, Words256 payload) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int thread = Group.IdxX;
            int at = first + (thread * Words16.Count);
            payload.Store(words, thread, at);
            if (first == 0)
            {
                for (int word = thread; word < measured.Length; word += Threads)
                {
                    measured[word] = MeasuredWords.Initial(word % MeasuredWords.PerSample);
                }
            }
        }
    }

    /// <summary>Launches the stores of a batch.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, StoreKernel> kernel;

        /// <summary>Makes the kernel launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            kernel = loader.Load<StoreKernel>();
        }

        /// <summary>Words of a table that holds a number of samples: whole launches.</summary>
        public static int Length(SampleLayout layout, int samples) =>
            checked(((layout.Stride * samples) + WordsPerLaunch - 1) / WordsPerLaunch * WordsPerLaunch);

        /// <summary>Stores a table.</summary>
        /// <param name="values">The words, <see cref="Length"/> of them.</param>
        /// <param name="words">Written, as many.</param>
        /// <param name="measured">Emptied.</param>
        public void Run(ReadOnlySpan<uint> values, ArrayView<uint> words, ArrayView<uint> measured)
        {
            LaunchCheck.Length(words.Length, values.Length, nameof(words));
            LaunchCheck.Length(values.Length % WordsPerLaunch, 0, nameof(values));
            for (int first = 0; first < values.Length; first += WordsPerLaunch)
            {
                Words256 payload = MemoryMarshal.Read<Words256>(
                    MemoryMarshal.AsBytes(values.Slice(first, WordsPerLaunch)));
                kernel(new KernelConfig(1, Threads), new(words, measured, first, payload));
            }
        }
    }
}
