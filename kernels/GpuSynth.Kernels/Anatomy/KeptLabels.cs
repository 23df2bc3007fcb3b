using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>Keeps the labels of a batch, which are painted over or moved: a voxel per thread, of the sample Grid.IdxY. byte[B][D,H,W] both; 2 B/voxel.</summary>
internal readonly struct KeptLabels(ArrayView<byte> labels, ArrayView<byte> kept, int voxels) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (voxel < voxels)
        {
            long at = ((long)Grid.IdxY * voxels) + voxel;
            kept[at] = labels[at];
        }
    }
}
