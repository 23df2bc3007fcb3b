namespace ILGPU.Runtime;

/// <summary>
/// Turns a static method into a launcher. "AutoGrouped" kernels take an index and may not know of groups; the others are
/// launched with a <see cref="KernelConfig"/> and may. Every launch here is over when it returns.
/// </summary>
public static class KernelLoaders
{
    /// <summary>Launcher of a kernel of 1 parameter over an index, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 1 parameter over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1> LoadAutoGroupedStreamKernel<TIndex, T1>(
        this Accelerator accelerator, Action<TIndex, T1> action)
        where TIndex : struct, IIndex where T1 : struct
    {
        Check(accelerator, action);
        return (extent, a1) =>
            accelerator.RunEach(extent, index => action(index, a1));
    }

    /// <summary>Launcher of a kernel of 1 parameter in groups, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 1 parameter in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1> LoadStreamKernel<T1>(
        this Accelerator accelerator, Action<T1> action)
        where T1 : struct
    {
        Check(accelerator, action);
        return (config, a1) =>
            accelerator.RunGroups(config, () => action(a1));
    }

    /// <summary>Launcher of a kernel of 2 parameters over an index, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 2 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2> LoadAutoGroupedStreamKernel<TIndex, T1, T2>(
        this Accelerator accelerator, Action<TIndex, T1, T2> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2) =>
            accelerator.RunEach(extent, index => action(index, a1, a2));
    }

    /// <summary>Launcher of a kernel of 2 parameters in groups, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 2 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2> LoadStreamKernel<T1, T2>(
        this Accelerator accelerator, Action<T1, T2> action)
        where T1 : struct where T2 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2) =>
            accelerator.RunGroups(config, () => action(a1, a2));
    }

    /// <summary>Launcher of a kernel of 3 parameters over an index, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 3 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3));
    }

    /// <summary>Launcher of a kernel of 3 parameters in groups, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 3 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3> LoadStreamKernel<T1, T2, T3>(
        this Accelerator accelerator, Action<T1, T2, T3> action)
        where T1 : struct where T2 : struct where T3 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3));
    }

    /// <summary>Launcher of a kernel of 4 parameters over an index, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 4 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4));
    }

    /// <summary>Launcher of a kernel of 4 parameters in groups, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 4 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4> LoadStreamKernel<T1, T2, T3, T4>(
        this Accelerator accelerator, Action<T1, T2, T3, T4> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4));
    }

    /// <summary>Launcher of a kernel of 5 parameters over an index, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 5 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5));
    }

    /// <summary>Launcher of a kernel of 5 parameters in groups, on a stream.</summary>
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

    /// <summary>Launcher of a kernel of 5 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5> LoadStreamKernel<T1, T2, T3, T4, T5>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5));
    }

    /// <summary>Launcher of a kernel of 6 parameters over an index, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Launcher of a kernel of 6 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5, a6) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Launcher of a kernel of 6 parameters in groups, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6> LoadKernel<T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Launcher of a kernel of 6 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6> LoadStreamKernel<T1, T2, T3, T4, T5, T6>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5, a6) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6));
    }

    /// <summary>Launcher of a kernel of 7 parameters over an index, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Launcher of a kernel of 7 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5, a6, a7) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Launcher of a kernel of 7 parameters in groups, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7> LoadKernel<T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Launcher of a kernel of 7 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5, a6, a7) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7));
    }

    /// <summary>Launcher of a kernel of 8 parameters over an index, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Launcher of a kernel of 8 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Launcher of a kernel of 8 parameters in groups, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7, a8) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Launcher of a kernel of 8 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8));
    }

    /// <summary>Launcher of a kernel of 9 parameters over an index, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    /// <summary>Launcher of a kernel of 9 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    /// <summary>Launcher of a kernel of 9 parameters in groups, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7, a8, a9) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    /// <summary>Launcher of a kernel of 9 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9));
    }

    /// <summary>Launcher of a kernel of 10 parameters over an index, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10));
    }

    /// <summary>Launcher of a kernel of 10 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10));
    }

    /// <summary>Launcher of a kernel of 10 parameters in groups, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct where T10 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10));
    }

    /// <summary>Launcher of a kernel of 10 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct where T10 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10));
    }

    /// <summary>Launcher of a kernel of 11 parameters over an index, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11));
    }

    /// <summary>Launcher of a kernel of 11 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11));
    }

    /// <summary>Launcher of a kernel of 11 parameters in groups, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11));
    }

    /// <summary>Launcher of a kernel of 11 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11));
    }

    /// <summary>Launcher of a kernel of 12 parameters over an index, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> LoadAutoGroupedKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
        where T12 : struct
    {
        Check(accelerator, action);
        return (stream, extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) =>
            stream.Accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12));
    }

    /// <summary>Launcher of a kernel of 12 parameters over an index.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> LoadAutoGroupedStreamKernel<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        this Accelerator accelerator, Action<TIndex, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> action)
        where TIndex : struct, IIndex where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct
        where T12 : struct
    {
        Check(accelerator, action);
        return (extent, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) =>
            accelerator.RunEach(extent, index => action(index, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12));
    }

    /// <summary>Launcher of a kernel of 12 parameters in groups, on a stream.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> LoadKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct where T12 : struct
    {
        Check(accelerator, action);
        return (stream, config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) =>
            stream.Accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12));
    }

    /// <summary>Launcher of a kernel of 12 parameters in groups.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="action">The kernel: a static method.</param>
    public static Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> LoadStreamKernel<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        this Accelerator accelerator, Action<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> action)
        where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct where T6 : struct
        where T7 : struct where T8 : struct where T9 : struct where T10 : struct where T11 : struct where T12 : struct
    {
        Check(accelerator, action);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) =>
            accelerator.RunGroups(config, () => action(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12));
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
