using System.Collections.Concurrent;

namespace GpuSynth.Native;

/// <summary>
/// The engines that are alive, by handle. Handles are counted up and never given twice, so that one that was destroyed is known
/// as such and cannot mean another engine.
/// </summary>
internal static class EngineTable
{
    private static readonly ConcurrentDictionary<ulong, HeldEngine> Engines = new();
    private static ulong lastHandle;

    /// <summary>Engines that are alive.</summary>
    public static int Count => Engines.Count;

    /// <summary>Takes an engine in and returns its handle.</summary>
    public static ulong Add(HeldEngine engine)
    {
        ulong handle = Interlocked.Increment(ref lastHandle);
        Engines[handle] = engine;
        return handle;
    }

    /// <summary>The engine of a handle. Allocates nothing.</summary>
    /// <exception cref="AbiException">There is none.</exception>
    public static HeldEngine Find(ulong handle) =>
        Engines.TryGetValue(handle, out HeldEngine? engine) ? engine : throw Stale(handle);

    /// <summary>Takes an engine out: its handle is stale from now on.</summary>
    /// <exception cref="AbiException">There is none.</exception>
    public static HeldEngine Remove(ulong handle) =>
        Engines.TryRemove(handle, out HeldEngine? engine) ? engine : throw Stale(handle);

    private static AbiException Stale(ulong handle) => new(
        ResultCode.Stale,
        $"There is no engine {handle}: it was destroyed, or never made; use the handle that gpusynth_create gave.");
}
