using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Tests.IO;

namespace GpuSynth.Tests.Engine;

/// <summary>A folder of small label maps, gone after the test.</summary>
internal sealed class LabelMapFolder : IDisposable
{
    private readonly TestFolder folder = new();

    /// <summary>Writes a map whose label at a voxel (linear index) is given.</summary>
    public byte[] Put(string name, VolumeShape shape, Func<int, byte> label, double spacing = 1) =>
        Put(name, shape, label, NiftiGeometry.Isotropic(shape, spacing));

    public byte[] Put(string name, VolumeShape shape, Func<int, byte> label, NiftiGeometry geometry)
    {
        byte[] labels = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(label)];
        Nifti.WriteLabels(folder[name], shape, labels, geometry);
        return labels;
    }

    public string Root => folder.Root;

    public LabelMapSet Load() => LabelMapSet.Load(folder.Root);

    public void Dispose() => folder.Dispose();
}
