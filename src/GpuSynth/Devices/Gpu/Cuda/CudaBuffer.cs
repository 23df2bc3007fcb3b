using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>Memory of a CUDA device. Copies and fills go through the backend, not through ILGPU.</summary>
internal abstract class CudaBuffer : MemoryBuffer
{
    // ILGPU is the compiler only, and there is no accelerator: a buffer answers to its backend alone.
    private protected CudaBuffer(nint address, long length, int elementSize)
        : base(null!, length, elementSize) => NativePtr = address;

    /// <inheritdoc/>
    protected override void MemSet(AcceleratorStream stream, byte value, in ArrayView<byte> targetView) => throw Refusal();

    /// <inheritdoc/>
    protected override void CopyTo(AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
        throw Refusal();

    /// <inheritdoc/>
    protected override void CopyFrom(AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
        throw Refusal();

    private static NotSupportedException Refusal() => new(
        "Device memory of a generator is copied by its backend only: call Upload or Download.");
}

/// <summary>Memory of someone else, such as a tensor: disposing of it frees nothing.</summary>
internal sealed class ExternalCudaBuffer(nint address, long length, int elementSize) : CudaBuffer(address, length, elementSize)
{
    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing) => NativePtr = 0;
}

/// <summary>Memory of the backend's own, freed once.</summary>
internal sealed class OwnedCudaBuffer(CudaMemory memory, nint address, long length, int elementSize)
    : CudaBuffer(address, length, elementSize)
{
    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
        memory.Free(NativePtr);
        NativePtr = 0;
    }
}
