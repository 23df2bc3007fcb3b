using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Tests.Components;

/// <summary>The tables of a batch's components in a device's memory, [sample][number]: the same numbers as on the host.</summary>
internal sealed class DeviceTables : IDisposable
{
    private readonly List<MemoryBuffer1D<float, Stride1D.Dense>?> tables = [];

    public DeviceTables(IReadOnlyList<ComponentRow> rows)
    {
        for (int place = 0; place < rows[0].Steps.Count; place++)
        {
            tables.Add(rows[0].Layout.Entries[place].Component is ITableComponent
                ? BatchDevice.Upload(rows.SelectMany(row => row.Table(place)).ToArray())
                : null);
        }
    }

    /// <summary>The table of a component, by its place in the row.</summary>
    public NumberTable Of(int place) => new((ArrayView<float>)tables[place]!.View);

    public void Dispose() => tables.ForEach(static table => table?.Dispose());
}
