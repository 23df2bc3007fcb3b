using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// TargetLabels: label = target[label], when nobody makes intensities of the labels any more. byte[B][D,H,W], in place; 2 B/voxel.
// Labels: the same on every device. On the host: ByteTable.

/// <summary>The target of every label of a batch on a device: labels that are drawn inside others become those.</summary>
/// <param name="tables">The labels of the run.</param>
/// <param name="shape">Shape of a sample.</param>
public sealed class TargetLabels(LabelTables tables, VolumeShape shape)
{
    private readonly int voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
    private int piece;
    private ArrayView<byte> targets;
    private Action<KernelConfig, Kernel>? launch;

    /// <summary>Declares the memory.</summary>
    public void Declare(IDeviceMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        piece = memory.Declare<byte>("target labels", LabelTables.Most, "the label that a sample is given with, of every label");
    }

    /// <summary>Loads the kernel and uploads the table.</summary>
    public void Start(KernelLoader loader, IDeviceMemory memory)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(memory);
        targets = memory.View<byte>(piece);
        memory.Upload(tables.Targets, targets.SubView(0, tables.Count));
        launch = loader.Load<Kernel>();
    }

    /// <summary>Runs over every sample of a batch.</summary>
    /// <param name="samples">Samples of the batch.</param>
    /// <param name="labels">byte[samples][D,H,W], changed.</param>
    /// <exception cref="ArgumentException">The view is too short.</exception>
    public void Run(int samples, ArrayView<byte> labels)
    {
        LaunchCheck.AtLeast(labels.Length, (long)samples * voxels, nameof(labels));
        launch!(BatchGrid.Of(voxels, samples), new Kernel(targets, labels, voxels));
    }

    // A voxel per thread, of the sample Grid.IdxY.
    internal readonly struct Kernel(ArrayView<byte> targets, ArrayView<byte> labels, int voxels) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            if (voxel < voxels)
            {
                long at = ((long)Grid.IdxY * voxels) + voxel;
                labels[at] = targets[(int)labels[at]];
            }
        }
    }
}
