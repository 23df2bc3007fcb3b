namespace GpuSynth.Devices.Gpu;

/// <summary>
/// One stage of a batch on a GPU: the labels, or the image. All its memory is declared before it starts, for batches of the
/// plan's size; enqueueing allocates nothing and waits for nothing.
/// </summary>
internal interface IGpuStage
{
    /// <summary>Declares device memory.</summary>
    void Declare(GpuArena arena);

    /// <summary>Loads the kernels and uploads the tables; the arena is allocated.</summary>
    void Start(GpuBackend backend, GpuArena arena);

    /// <summary>Launches the stage's kernels for a batch.</summary>
    void Enqueue(in GpuBatch batch);
}
