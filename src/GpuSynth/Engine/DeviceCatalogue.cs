using System.Globalization;
using System.Runtime.Intrinsics;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace GpuSynth;

/// <summary>A device by name.</summary>
/// <param name="Name">What <c>--device</c> takes.</param>
/// <param name="Kind">host, cuda, opencl or ilgpu-cpu.</param>
/// <param name="Description">What it is, in a few words.</param>
/// <param name="CanGenerate">Whether this version generates on it.</param>
/// <param name="Remark">Why not, or what to know; empty where there is nothing to say.</param>
public sealed record DeviceInfo(string Name, string Kind, string Description, bool CanGenerate, string Remark);

/// <summary>The devices of this machine.</summary>
public static class DeviceCatalogue
{
    /// <summary>Name of the SIMD host device.</summary>
    public const string Host = "host";

    /// <summary>Name of ILGPU's CPU accelerator: the kernels of a GPU, run on the processor.</summary>
    public const string IlgpuCpu = "ilgpu-cpu";

    /// <summary>Lists the devices: the host first, then GPUs, then ILGPU's simulated one.</summary>
    public static IReadOnlyList<DeviceInfo> List()
    {
        var devices = new List<DeviceInfo>
        {
            new(
                Host,
                Host,
                string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {VectorBits}-bit vectors"),
                true,
                string.Empty),
        };
        AddCuda(devices);
        AddOpenCl(devices);
        devices.Add(new(
            IlgpuCpu,
            IlgpuCpu,
            "ILGPU's simulated GPU",
            true,
            "runs the GPU kernels on the processor; slow, for tests"));
        return devices;
    }

    /// <summary>Why there is no device of a kind: "the CUDA driver finds no GPU"; null where that is not known.</summary>
    internal static string? WhyMissing(string name) =>
        name.StartsWith("cuda", StringComparison.Ordinal) ? WhyNoCuda()
        : name.StartsWith("opencl", StringComparison.Ordinal) ? WhyNoOpenCl()
        : null;

    private static string? WhyNoCuda()
    {
        try
        {
            return PrimaryContext.CountDevices(out _) == 0 ? "the CUDA driver finds no GPU" : null;
        }
        catch (DeviceException exception)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    // What ILGPU passes over without a word: all devices are asked for, and what each lacks of what it wants.
    private static string? WhyNoOpenCl()
    {
        using Context context = KernelContext.Create(static builder => builder.OpenCL(static _ => true));
        CLDevice[] all = [.. context.Devices.OfType<CLDevice>()];
        return all.Length == 0 ? "no OpenCL driver here has a device"
            : all.Any(IsAccepted) ? null
            : string.Join(", ", all.Select(static device => $"{device.Name} has no OpenCL 2.0 with the generic address space"));
    }

    private static bool IsAccepted(CLDevice device) =>
        device.CLStdVersion >= CLBackend.MinimumVersion && device.Capabilities.GenericAddressSpace;

    private static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    // The driver is asked, not ILGPU, which keeps silent about what is wrong with it.
    private static void AddCuda(List<DeviceInfo> devices)
    {
        int count;
        try
        {
            CudaLibrary.Load();
        }
        catch (DeviceException)
        {
            // A machine without a driver has no such device.
            return;
        }

        try
        {
            count = PrimaryContext.CountDevices(out _);
        }
        catch (DeviceException exception)
        {
            devices.Add(new("cuda:0", "cuda", "CUDA device", false, exception.Message.TrimEnd('.')));
            return;
        }

        for (int ordinal = 0; ordinal < count; ordinal++)
        {
            string name = CudaDriver.GetDevice(out int device, ordinal) == CudaError.Success
                ? CudaDriver.DeviceName(device)
                : "CUDA device";
            devices.Add(new($"cuda:{ordinal}", "cuda", name, true, string.Empty));
        }
    }

    private static void AddOpenCl(List<DeviceInfo> devices)
    {
        using Context context = KernelContext.Create(static builder => builder.OpenCL());
        Device[] found = AcceleratorBackend.Devices(context, AcceleratorType.OpenCL);
        for (int ordinal = 0; ordinal < found.Length; ordinal++)
        {
            string name = found[ordinal].Name;
            devices.Add(new($"opencl:{ordinal}", "opencl", name, true, "one copy per batch to the trainer's memory"));
        }
    }
}
