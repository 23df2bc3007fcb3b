namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// The primary context of a CUDA device, retained: the one that torch uses too, so that memory, streams and events of either mean
/// the same to the other. Every driver call of this engine is made while it is current.
/// </summary>
internal sealed unsafe class PrimaryContext : IDisposable
{
    /// <summary>The oldest driver that knows the kernels' PTX: CUDA 11.0.</summary>
    public const int OldestDriver = 11000;

    private bool released;

    private PrimaryContext(int ordinal, int device, nint handle, int driverVersion)
    {
        Ordinal = ordinal;
        Device = device;
        Handle = handle;
        DriverVersion = driverVersion;
        Name = $"cuda:{ordinal}";
        DeviceName = CudaDriver.DeviceName(device);
        Check(
            CudaDriver.GetDeviceAttribute(out int major, CudaDriver.AttributeCapabilityMajor, device), "asking what it can do");
        Check(
            CudaDriver.GetDeviceAttribute(out int minor, CudaDriver.AttributeCapabilityMinor, device), "asking what it can do");
        Capability = (major, minor);
    }

    /// <summary>The device's number, from 0.</summary>
    public int Ordinal { get; }

    /// <summary>The driver's handle of the device.</summary>
    public int Device { get; }

    /// <summary>The driver's handle of the context.</summary>
    public nint Handle { get; }

    /// <summary>Version of CUDA that the driver is of, as it says it: 12040 for 12.4.</summary>
    public int DriverVersion { get; }

    /// <summary>What the device calls itself.</summary>
    public string DeviceName { get; }

    /// <summary>Compute capability.</summary>
    public (int Major, int Minor) Capability { get; }

    /// <summary>What messages call the device: "cuda:0".</summary>
    public string Name { get; }

    /// <summary>A driver's version for people: "12.4".</summary>
    public static string VersionText(int version) => $"{version / 1000}.{version % 1000 / 10}";

    /// <summary>Starts the driver and counts its devices.</summary>
    /// <param name="driverVersion">The driver's version.</param>
    /// <exception cref="DeviceException">There is no driver, it is too old, or it does not start.</exception>
    public static int CountDevices(out int driverVersion)
    {
        CudaLibrary.Load();
        try
        {
            CudaError error = CudaDriver.Init(0);
            Require(CudaDriver.GetVersion(out driverVersion));
            if (driverVersion < OldestDriver
                || error is CudaError.SystemDriverMismatch or CudaError.CompatNotSupportedOnDevice)
            {
                throw TooOld($"version {VersionText(driverVersion)}", null);
            }

            if (error == CudaError.NoDevice)
            {
                return 0;
            }

            Require(error);
            Require(CudaDriver.GetDeviceCount(out int count));
            return count;
        }
        catch (EntryPointNotFoundException missing)
        {
            throw TooOld("of an unknown version", missing);
        }
    }

    /// <summary>Retains the context of a device.</summary>
    /// <exception cref="DeviceException">There is no such device, or no driver for it.</exception>
    public static PrimaryContext Open(int ordinal)
    {
        int count = CountDevices(out int driverVersion);
        string name = $"cuda:{ordinal}";
        if (ordinal < 0 || ordinal >= count)
        {
            throw new DeviceException(count == 0
                ? $"There is no device {name}: the CUDA driver finds no GPU on this machine; generate with --device host."
                : $"There is no device {name}: the CUDA driver finds {count}, "
                    + $"cuda:0{(count > 1 ? $" to cuda:{count - 1}" : string.Empty)}.");
        }

        CudaFailure.Check(CudaDriver.GetDevice(out int device, ordinal), name, "opening the device");
        CudaFailure.Check(CudaDriver.RetainPrimaryContext(out nint handle, device), name, "opening its primary context");
        try
        {
            return new PrimaryContext(ordinal, device, handle, driverVersion);
        }
        catch
        {
            _ = CudaDriver.ReleasePrimaryContext(device);
            throw;
        }
    }

    /// <summary>Makes the context current on this thread, for good.</summary>
    public void Bind()
    {
        ObjectDisposedException.ThrowIf(released, this);
        _ = CudaDriver.GetCurrentContext(out nint current);
        if (current != Handle)
        {
            Check(CudaDriver.SetCurrentContext(Handle), "making its context current");
        }
    }

    /// <summary>Makes the context current on this thread until the scope ends.</summary>
    public Scope Enter()
    {
        _ = CudaDriver.GetCurrentContext(out nint before);
        Bind();
        return new Scope(before, before != Handle);
    }

    /// <summary>Throws unless a driver call went well.</summary>
    /// <param name="error">What the driver says.</param>
    /// <param name="doing">What was being done.</param>
    public void Check(CudaError error, string doing) => CudaFailure.Check(error, Name, doing);

    /// <summary>Throws unless an address is memory of this context, or of no context in particular.</summary>
    /// <param name="address">Address of the first byte.</param>
    /// <exception cref="DeviceException">It is the host's, another device's or another context's.</exception>
    public void CheckOwner(nint address)
    {
        using Scope scope = Enter();
        int type = 0;
        CudaError error = CudaDriver.GetPointerAttribute(&type, CudaDriver.PointerMemoryType, address);
        if (error == CudaError.InvalidValue || (error == CudaError.Success && type == CudaDriver.MemoryTypeHost))
        {
            throw new DeviceException(
                $"The address {address:x} is not memory of {Name}: give the generator tensors of that device.");
        }

        Check(error, "looking at memory that it was given");
        int ordinal = Device;
        if (CudaDriver.GetPointerAttribute(&ordinal, CudaDriver.PointerDeviceOrdinal, address) == CudaError.Success
            && ordinal != Device)
        {
            throw new DeviceException(
                $"The generator is on {Name}, but the memory that it was given is on cuda:{ordinal}: let both use the same "
                + "device.");
        }

        // Memory of a pool or of a mapping belongs to the device and to no context.
        nint owner = 0;
        if (CudaDriver.GetPointerAttribute(&owner, CudaDriver.PointerContext, address) == CudaError.Success
            && owner != 0 && owner != Handle)
        {
            throw new DeviceException(
                $"Two libraries use {Name} through different CUDA contexts: the memory that the generator was given is not of "
                + "the device's primary context; let the other library use the primary context, as torch does.");
        }
    }

    /// <summary>Free and all memory of the device in bytes; zeros where the driver does not say.</summary>
    public (long Free, long Total) Memory()
    {
        using Scope scope = Enter();
        return CudaDriver.GetMemoryInfo(out nuint free, out nuint total) == CudaError.Success
            ? ((long)free, (long)total)
            : (0, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!released)
        {
            released = true;
            _ = CudaDriver.ReleasePrimaryContext(Device);
        }
    }

    private static void Require(CudaError error)
    {
        if (error != CudaError.Success)
        {
            throw new DeviceException(
                $"The CUDA driver does not start ({CudaDriver.Describe(error)}): see whether nvidia-smi runs, bring NVIDIA's "
                + "driver up to date, or generate with --device host.");
        }
    }

    private static DeviceException TooOld(string version, Exception? cause) => new(
        $"The CUDA driver is {version}, and version {VersionText(OldestDriver)} or later is needed: bring NVIDIA's driver up to "
        + "date, or generate with --device host.",
        cause);

    /// <summary>The time that the context is current; what was current before comes back.</summary>
    public readonly ref struct Scope(nint before, bool changed)
    {
        public void Dispose()
        {
            if (changed)
            {
                _ = CudaDriver.SetCurrentContext(before);
            }
        }
    }
}
