using System.Runtime.CompilerServices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// Device memory of a workspace, declared piece by piece and allocated at the start. A piece is asked for by the number that its
/// declaration gave, so that nothing can be used that the plan did not count.
/// </summary>
internal sealed class GpuArena : IDeviceMemory, IDisposable
{
    private readonly List<(PlannedBuffer Buffer, long Length, int ElementSize)> pieces = [];
    private readonly List<MemoryBuffer> memory = [];
    private GpuBackend? backend;

    /// <summary>What was declared.</summary>
    public IEnumerable<PlannedBuffer> Buffers => pieces.Select(static piece => piece.Buffer);

    /// <summary>Bytes declared so far.</summary>
    public long Bytes => pieces.Sum(static piece => piece.Buffer.Bytes);

    /// <summary>Declares elements and returns the piece's number. A piece holds at least one element.</summary>
    public int Declare<T>(string name, long length, string purpose)
        where T : unmanaged
    {
        length = Math.Max(1, length);
        int size = Unsafe.SizeOf<T>();
        pieces.Add((new PlannedBuffer(name, checked(length * size), purpose), length, size));
        return pieces.Count - 1;
    }

    /// <inheritdoc/>
    public int DeclareShared<T>(string name, long length, string purpose)
        where T : unmanaged
    {
        int known = pieces.FindIndex(piece => piece.Buffer.Name == name);
        return known >= 0 ? known : Declare<T>(name, length, purpose);
    }

    /// <summary>Allocates everything that was declared.</summary>
    /// <param name="on">The open device.</param>
    public void Allocate(GpuBackend on)
    {
        backend = on;
        backend.Plan(Bytes);
        foreach ((_, long length, int elementSize) in pieces)
        {
            memory.Add(backend.Allocate(length, elementSize));
        }
    }

    /// <summary>All elements of one piece, of the type that it was declared with.</summary>
    public ArrayView<T> View<T>(int piece)
        where T : unmanaged => new(memory[piece], 0, pieces[piece].Length);

    /// <inheritdoc/>
    public void Upload<T>(ReadOnlySpan<T> values, ArrayView<T> target)
        where T : unmanaged => backend!.Upload(values, target);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryBuffer buffer in memory)
        {
            buffer.Dispose();
        }

        memory.Clear();
    }
}
