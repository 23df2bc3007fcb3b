using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// Makes explicitly grouped kernels launchable on one device, in the order of one stream. Whose driver calls launch them is the
/// loader's affair: ILGPU's, this engine's own, or none at all where launches are written down to be run elsewhere.
/// </summary>
/// <remarks>
/// Parameters are <see cref="ArrayView{T}"/> and blittable structs or numbers, nothing else: their layout in a launch is then the
/// same by every route. A launch returns before the kernel has run.
/// </remarks>
public abstract class KernelLoader
{
    /// <summary>Threads of a group in the kernels that work on whole batches, unless a kernel says otherwise.</summary>
    public const int GroupSize = 256;

    /// <summary>Launcher of a kernel of 2 parameters.</summary>
    public abstract Action<KernelConfig, T1, T2> Load<T1, T2>(Action<T1, T2> kernel)
        where T1 : struct
        where T2 : struct;

    /// <summary>Launcher of a kernel of 3 parameters.</summary>
    public abstract Action<KernelConfig, T1, T2, T3> Load<T1, T2, T3>(Action<T1, T2, T3> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct;

    /// <summary>Launcher of a kernel of 4 parameters.</summary>
    public abstract Action<KernelConfig, T1, T2, T3, T4> Load<T1, T2, T3, T4>(Action<T1, T2, T3, T4> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct;

    /// <summary>Launcher of a kernel of 5 parameters.</summary>
    public abstract Action<KernelConfig, T1, T2, T3, T4, T5> Load<T1, T2, T3, T4, T5>(Action<T1, T2, T3, T4, T5> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct;

    /// <summary>Launcher of a kernel of 6 parameters.</summary>
    public abstract Action<KernelConfig, T1, T2, T3, T4, T5, T6> Load<T1, T2, T3, T4, T5, T6>(
        Action<T1, T2, T3, T4, T5, T6> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct;

    /// <summary>Launcher of a kernel of 7 parameters.</summary>
    public abstract Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> Load<T1, T2, T3, T4, T5, T6, T7>(
        Action<T1, T2, T3, T4, T5, T6, T7> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct;

    /// <summary>Launcher of a kernel of 8 parameters.</summary>
    public abstract Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> Load<T1, T2, T3, T4, T5, T6, T7, T8>(
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel)
        where T1 : struct
        where T2 : struct
        where T3 : struct
        where T4 : struct
        where T5 : struct
        where T6 : struct
        where T7 : struct
        where T8 : struct;
}
