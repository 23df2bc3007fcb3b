using System.Reflection;
using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>What has to be seen to around launches that ILGPU makes.</summary>
internal interface ILaunchGuard
{
    /// <summary>Called before every load and every launch: makes the device the thread's.</summary>
    void Bind();

    /// <summary>The exception for a launch that failed.</summary>
    DeviceException LaunchFailure(Exception exception, string kernel);

    /// <summary>The exception for a kernel that does not load.</summary>
    DeviceException LoadFailure(Exception exception, MethodInfo kernel);
}

/// <summary>
/// Launches of another loader, made on the right device and failing with a clear sentence. It also keeps the kernels: ILGPU alone
/// lets go of a kernel when its launcher is collected.
/// </summary>
internal sealed class GuardedLoader(KernelLoader inner, ILaunchGuard guard) : KernelLoader
{
    private readonly List<Delegate> kept = [];

    /// <summary>A kernel's name in messages: "SampleTable.StoreKernel".</summary>
    public static string NameOf(MethodInfo kernel) => $"{kernel.DeclaringType?.Name}.{kernel.Name}";

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2> Load<T1, T2>(Action<T1, T2> kernel)
    {
        Action<KernelConfig, T1, T2> launch = Guarded(kernel, inner.Load);
        string name = NameOf(kernel.Method);
        return (config, a1, a2) =>
        {
            guard.Bind();
            try
            {
                launch(config, a1, a2);
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw guard.LaunchFailure(exception, name);
            }
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3> Load<T1, T2, T3>(Action<T1, T2, T3> kernel)
    {
        Action<KernelConfig, T1, T2, T3> launch = Guarded(kernel, inner.Load);
        string name = NameOf(kernel.Method);
        return (config, a1, a2, a3) =>
        {
            guard.Bind();
            try
            {
                launch(config, a1, a2, a3);
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw guard.LaunchFailure(exception, name);
            }
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4> Load<T1, T2, T3, T4>(Action<T1, T2, T3, T4> kernel)
    {
        Action<KernelConfig, T1, T2, T3, T4> launch = Guarded(kernel, inner.Load);
        string name = NameOf(kernel.Method);
        return (config, a1, a2, a3, a4) =>
        {
            guard.Bind();
            try
            {
                launch(config, a1, a2, a3, a4);
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw guard.LaunchFailure(exception, name);
            }
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5> Load<T1, T2, T3, T4, T5>(Action<T1, T2, T3, T4, T5> kernel)
    {
        Action<KernelConfig, T1, T2, T3, T4, T5> launch = Guarded(kernel, inner.Load);
        string name = NameOf(kernel.Method);
        return (config, a1, a2, a3, a4, a5) =>
        {
            guard.Bind();
            try
            {
                launch(config, a1, a2, a3, a4, a5);
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw guard.LaunchFailure(exception, name);
            }
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6> Load<T1, T2, T3, T4, T5, T6>(
        Action<T1, T2, T3, T4, T5, T6> kernel)
    {
        Action<KernelConfig, T1, T2, T3, T4, T5, T6> launch = Guarded(kernel, inner.Load);
        string name = NameOf(kernel.Method);
        return (config, a1, a2, a3, a4, a5, a6) =>
        {
            guard.Bind();
            try
            {
                launch(config, a1, a2, a3, a4, a5, a6);
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw guard.LaunchFailure(exception, name);
            }
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> Load<T1, T2, T3, T4, T5, T6, T7>(
        Action<T1, T2, T3, T4, T5, T6, T7> kernel)
    {
        Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> launch = Guarded(kernel, inner.Load);
        string name = NameOf(kernel.Method);
        return (config, a1, a2, a3, a4, a5, a6, a7) =>
        {
            guard.Bind();
            try
            {
                launch(config, a1, a2, a3, a4, a5, a6, a7);
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw guard.LaunchFailure(exception, name);
            }
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> Load<T1, T2, T3, T4, T5, T6, T7, T8>(
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel)
    {
        Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> launch = Guarded(kernel, inner.Load);
        string name = NameOf(kernel.Method);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8) =>
        {
            guard.Bind();
            try
            {
                launch(config, a1, a2, a3, a4, a5, a6, a7, a8);
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw guard.LaunchFailure(exception, name);
            }
        };
    }

    private TLauncher Guarded<TKernel, TLauncher>(TKernel kernel, Func<TKernel, TLauncher> load)
        where TKernel : Delegate
        where TLauncher : Delegate
    {
        guard.Bind();
        try
        {
            TLauncher launcher = load(kernel);
            lock (kept)
            {
                kept.Add(launcher);
            }

            return launcher;
        }
        catch (Exception exception) when (exception is not GpuSynthException)
        {
            throw guard.LoadFailure(exception, kernel.Method);
        }
    }
}
