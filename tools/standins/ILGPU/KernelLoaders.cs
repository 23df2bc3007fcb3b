namespace ILGPU.Runtime;

/// <summary>
/// Turns a static method into a launcher. "AutoGrouped" kernels take an index and may not know of groups; the others are
/// launched with a <see cref="KernelConfig"/> and may. Every launch here is over when it returns.
/// </summary>
public static class KernelLoaders
{
    /// <summary>Launcher of a kernel of 1 parameter, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1> LoadAutoGroupedKernel<TIndex, T1>(
        this Accelerator accelerator, Action<TIndex, T1> action)
        where TIndex : struct, IIndex where T1 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1));
    }

    /// <summary>Launcher of a kernel of 2 parameters, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2> LoadAutoGroupedKernel<TIndex, T1, T2>(
        this Accelerator accelerator, Action<TIndex, T1, T2> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2));
    }

    /// <summary>Launcher of a kernel of 3 parameters, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3> LoadAutoGroupedKernel<TIndex, T1, T2, T3>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3));
    }

    /// <summary>Launcher of a kernel of 4 parameters, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4));
    }

    /// <summary>Launcher of a kernel of 5 parameters, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5));
    }

    /// <summary>Launcher of a kernel of 6 parameters, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Launcher of a kernel of 7 parameters, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Launcher of a kernel of 8 parameters, run at every index of an extent.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8>
        LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Launcher of a kernel of 1 parameter, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1> LoadKernel<T1>(
        this Accelerator accelerator, Action<T1> action)
        where T1 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1) =>
            stream.Accelerator.RunGroups(config, () => action(a1));
    }

    /// <summary>Launcher of a kernel of 2 parameters, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2> LoadKernel<T1, T2>(
        this Accelerator accelerator, Action<T1, T2> action)
        where T1 : struct where T2 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2));
    }

    /// <summary>Launcher of a kernel of 3 parameters, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3> LoadKernel<T1, T2, T3>(
        this Accelerator accelerator, Action<T1, T2, T3> action)
        where T1 : struct where T2 : struct where T3 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3));
    }

    /// <summary>Launcher of a kernel of 4 parameters, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4> LoadKernel<T1, T2, T3, T4>(
        this Accelerator accelerator, Action<T1, T2, T3, T4> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4));
    }

    /// <summary>Launcher of a kernel of 5 parameters, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5> LoadKernel<T1, T2, T3, T4, T5>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5));
    }

    /// <summary>Launcher of a kernel of 6 parameters, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6> LoadKernel<T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Launcher of a kernel of 7 parameters, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7> LoadKernel<T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Launcher of a kernel of 8 parameters, run in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7, a8) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8));
    }

    // A device knows parameters and nothing else of the process.
    private static void Check(Accelerator accelerator, Delegate action)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentNullException.ThrowIfNull(action);
        if (action.Target?.GetType().GetFields() is { Length: > 0 })
        {
            throw new NotSupportedException($"The kernel {action.Method.Name} captures variables; hand them over as parameters.");
        }
    }
}
