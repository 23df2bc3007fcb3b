using GpuSynth.Planning;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>Device memory of a backend's own: every address that it allocated and has not freed.</summary>
internal sealed class CudaMemory(PrimaryContext context) : IDisposable
{
    private readonly HashSet<nint> addresses = [];
    private readonly Lock door = new();
    private long allocatedBytes;

    /// <summary>What the plan is going to ask for in all, in bytes; 0 where that is not known.</summary>
    public long PlannedBytes { get; set; }

    /// <summary>Allocates bytes.</summary>
    /// <exception cref="DeviceException">The device has not that much left.</exception>
    public nint Allocate(long bytes)
    {
        using PrimaryContext.Scope scope = context.Enter();
        CudaError error = CudaDriver.Allocate(out nint address, (nuint)Math.Max(1, bytes));
        if (error == CudaError.OutOfMemory)
        {
            throw OutOfMemory(bytes);
        }

        context.Check(error, "allocating memory");
        lock (door)
        {
            addresses.Add(address);
            allocatedBytes += bytes;
        }

        return address;
    }

    /// <summary>Frees memory, once; nothing where it was freed before.</summary>
    public void Free(nint address)
    {
        lock (door)
        {
            if (!addresses.Remove(address))
            {
                return;
            }
        }

        // A device that was lost frees all of its memory itself.
        using PrimaryContext.Scope scope = context.Enter();
        _ = CudaDriver.Free(address);
    }

    /// <summary>Frees what is left.</summary>
    public void Dispose()
    {
        nint[] left;
        lock (door)
        {
            left = [.. addresses];
        }

        foreach (nint address in left)
        {
            Free(address);
        }
    }

    private DeviceException OutOfMemory(long bytes)
    {
        (long free, long total) = context.Memory();
        long needed = Math.Max(PlannedBytes, allocatedBytes + bytes);
        string Text(long count) => ByteCount.Text(count);
        return new DeviceException(
            $"{context.Name} has not enough memory: the plan needs {Text(needed)} beside the slots, of which "
            + $"{Text(needed - allocatedBytes)} are missing, and {Text(free)} of {Text(total)} are free; take a smaller batch "
            + "or a smaller size, or close what else runs on this device.") { IsOutOfMemory = true };
    }
}
