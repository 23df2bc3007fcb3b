namespace GpuSynth.Devices;

/// <summary>
/// One way to make labels on the host: first numbered pieces of preparation (coarse grids of one channel each), then numbered
/// slabs of the label map. Pieces of one phase are independent of each other.
/// </summary>
internal unsafe interface IHostAnatomy
{
    /// <summary>Pieces of preparation.</summary>
    int PreparationCount { get; }

    /// <summary>Slabs of the label map.</summary>
    int SlabCount { get; }

    /// <summary>Floats of scratch that a thread needs.</summary>
    long ScratchLength { get; }

    /// <summary>Declares the memory of one sample.</summary>
    void Declare(WorkArena arena);

    /// <summary>Does one piece of preparation.</summary>
    void Prepare(WorkArena arena, DrawnSample drawn, int piece, float* scratch);

    /// <summary>Writes the labels of one slab.</summary>
    void Slab(WorkArena arena, DrawnSample drawn, int slab, byte* labelsDHW, float* scratch);

    /// <summary>The rows (z * H + y) that a slab holds.</summary>
    (int First, int Count) RowsOf(int slab);
}
