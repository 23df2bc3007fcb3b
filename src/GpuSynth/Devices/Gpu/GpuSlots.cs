using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// The slots that a GPU writes to: the caller's own where the device can reach them, remembered by their address so that a batch
/// makes nothing new; otherwise one of the device's own, which is then copied out.
/// </summary>
internal sealed class GpuSlots(GpuBackend backend, VolumeShape shape, ImageFormat format) : IDisposable
{
    // A ring has two or three slots; whoever hands over another one each time makes the oldest be forgotten.
    private const int MostRemembered = 16;
    private readonly List<BorrowedSlot> borrowed = [];

    /// <summary>Bytes of one value of an image.</summary>
    public static int ValueBytes(ImageFormat format) => format == ImageFormat.Float32 ? sizeof(float) : sizeof(ushort);

    /// <summary>The memory of a slot of the caller's.</summary>
    /// <param name="slot">Its addresses.</param>
    /// <param name="samples">Samples that it holds at least.</param>
    public BorrowedSlot Borrow(SlotMemory slot, int samples)
    {
        foreach (BorrowedSlot known in borrowed)
        {
            if (known.Slot == slot && known.Samples == samples)
            {
                return known;
            }
        }

        if (borrowed.Count == MostRemembered)
        {
            borrowed[0].Dispose();
            borrowed.RemoveAt(0);
        }

        long values = checked(samples * shape.VoxelCount);
        var added = new BorrowedSlot(
            slot,
            samples,
            backend.Borrow(slot.Label, values, sizeof(byte)),
            backend.Borrow(slot.Image, values, ValueBytes(format)));
        borrowed.Add(added);
        return added;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        borrowed.ForEach(static slot => slot.Dispose());
        borrowed.Clear();
    }
}

/// <summary>Memory of the caller, as the device sees it.</summary>
internal sealed record BorrowedSlot(SlotMemory Slot, int Samples, MemoryBuffer Labels, MemoryBuffer Image) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Labels.Dispose();
        Image.Dispose();
    }
}
