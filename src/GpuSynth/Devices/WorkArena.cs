using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Devices;

/// <summary>
/// Native memory of a workspace, declared piece by piece and then allocated once, zeroed. A piece is asked for by the number that
/// its declaration gave, so that nothing can be used that the plan did not count.
/// </summary>
internal sealed unsafe class WorkArena : IHostMemory, IDisposable
{
    private const int Alignment = 64;
    private readonly List<(string Name, long Offset, long Bytes, string Purpose)> pieces = [];
    private byte* memory;

    /// <summary>Bytes declared so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Declares floats and returns the piece's number.</summary>
    public int Floats(string name, long count, string purpose)
    {
        long bytes = Math.Max(1, checked(count * sizeof(float)));
        bytes = (bytes + Alignment - 1) / Alignment * Alignment;
        pieces.Add((name, Bytes, bytes, purpose));
        Bytes = checked(Bytes + bytes);
        return pieces.Count - 1;
    }

    /// <summary>What was declared.</summary>
    public IEnumerable<PlannedBuffer> Buffers() =>
        pieces.Select(piece => new PlannedBuffer(piece.Name, piece.Bytes, piece.Purpose));

    /// <summary>Allocates everything that was declared.</summary>
    public void Allocate()
    {
        memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, Alignment);
        NativeMemory.Clear(memory, (nuint)Bytes);
    }

    /// <summary>The memory of one piece.</summary>
    public float* this[int piece] => (float*)(memory + pieces[piece].Offset);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }
}
