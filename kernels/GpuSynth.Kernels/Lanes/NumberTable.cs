using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// Numbers that were worked out for each sample before its voxels are made, as the nodes of a coarse field: a device reads the view, the host the
/// address.
/// </summary>
public readonly struct NumberTable
{
    /// <summary>The numbers of one sample, on a device.</summary>
    public readonly ArrayView<float> View;

    /// <summary>The numbers of one sample, on the host.</summary>
    public readonly long Address;

    /// <summary>A table on a device.</summary>
    /// <param name="view">Its numbers.</param>
    public NumberTable(ArrayView<float> view)
    {
        View = view;
        Address = 0;
    }

    /// <summary>A table on the host.</summary>
    /// <param name="address">Its numbers.</param>
    public unsafe NumberTable(float* address)
    {
        View = default;
        Address = (long)address;
    }
}
