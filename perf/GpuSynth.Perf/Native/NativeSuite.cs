using System.Diagnostics;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;
using GpuSynth.Native;
using GpuSynth.Recipes;

namespace GpuSynth.Perf.Native;

/// <summary>What one call costs.</summary>
/// <param name="Call">Which call, and of what.</param>
/// <param name="Calls">Calls per measurement.</param>
/// <param name="Microseconds">Per call.</param>
internal sealed record NativeResult(string Call, int Calls, Spread Microseconds);

/// <summary>
/// A call of the C ABI by its address, from managed code: the way into the runtime and back out of it is that of any host, what
/// the host itself adds (ctypes, for one) is not in it.
/// </summary>
internal static unsafe class NativeSuite
{
    private const int BareCalls = 100_000;
    private const int TinyCalls = 500;
    private const int WarmUps = 40;
    private const int Rounds = 60;
    private const int Side = 4;
    private const int Voxels = Side * Side * Side;

    /// <summary>Measures.</summary>
    /// <param name="report">Called with each result as it comes.</param>
    public static IReadOnlyList<NativeResult> Run(Action<NativeResult> report)
    {
        var results = new List<NativeResult>();
        delegate* unmanaged[Cdecl]<AbiOptions*, ulong*, int> create = &Exports.Create;
        delegate* unmanaged[Cdecl]<ulong, AbiInfo*, int> infoOf = &Exports.InfoOf;
        delegate* unmanaged[Cdecl]<ulong, SampleKey*, int, void*, void*, int> generate = &Exports.Generate;
        delegate* unmanaged[Cdecl]<ulong, int> destroy = &Exports.Destroy;
        ulong created;
        fixed (byte* recipe = "rasd-3d\0"u8)
        {
            AbiOptions options = default;
            options.StructBytes = (uint)sizeof(AbiOptions);
            options.Recipe = recipe;
            options.Size[0] = Side;
            options.Batch = 1;
            options.Threads = 1;
            if (create(&options, &created) != 0)
            {
                throw new GpuSynthException("The C ABI made no engine.");
            }
        }

        ulong handle = created;
        using var engine = new SynthesisEngine(SynthesisPlan.Create(new EngineOptions
        {
            Recipe = Presets.Get("rasd-3d"),
            Shape = VolumeShape.Cubic(3, Side),
            Threads = 1,
        }));
        DrawnSample[] drawn = [engine.CreateDrawn()];
        using var image = new NativeMemoryBlock<float>(Voxels);
        using var label = new NativeMemoryBlock<byte>(Voxels);
        var slot = new SlotMemory((nint)image.Pointer, (nint)label.Pointer);

        Measure(
            BareCalls,
            ("info_of", () =>
            {
                AbiInfo info = default;
                info.StructBytes = (uint)sizeof(AbiInfo);
                for (int call = 0; call < BareCalls; call++)
                {
                    infoOf(handle, &info);
                }
            }),
            ("generate of no sample", () =>
            {
                for (int call = 0; call < BareCalls; call++)
                {
                    generate(handle, null, 0, null, null);
                }
            }));
        Measure(
            TinyCalls,
            ($"generate of one sample of {Side}^3", () =>
            {
                for (int call = 0; call < TinyCalls; call++)
                {
                    SampleKey key = SampleKey.Of(call);
                    generate(handle, &key, 1, image.Pointer, label.Pointer);
                }
            }),
            ($"the engine itself, one sample of {Side}^3", () =>
            {
                for (int call = 0; call < TinyCalls; call++)
                {
                    SampleKey key = SampleKey.Of(call);
                    engine.GenerateBatch(new ReadOnlySpan<SampleKey>(ref key), slot, drawn);
                }
            }));
        destroy(handle);
        return results;

        // In turn, so that other work on the machine meets all of them alike.
        void Measure(int calls, params (string Name, Action Action)[] subjects)
        {
            var microseconds = subjects.Select(static _ => new List<double>()).ToArray();
            for (int round = -WarmUps; round < Rounds; round++)
            {
                for (int subject = 0; subject < subjects.Length; subject++)
                {
                    long start = Stopwatch.GetTimestamp();
                    subjects[subject].Action();
                    double took = Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls;
                    if (round >= 0)
                    {
                        microseconds[subject].Add(took);
                    }
                }
            }

            for (int subject = 0; subject < subjects.Length; subject++)
            {
                var result = new NativeResult(subjects[subject].Name, calls, Spread.Of(microseconds[subject]));
                results.Add(result);
                report(result);
            }
        }
    }
}
