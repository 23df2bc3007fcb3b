using System.Globalization;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices;

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

    /// <summary>Lists the devices: the host first, then those that ILGPU finds.</summary>
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
        using Context context = Context.CreateDefault();
        int cuda = 0;
        int opencl = 0;
        foreach (Device device in context.Devices)
        {
            switch (device.AcceleratorType)
            {
                case AcceleratorType.Cuda:
                    devices.Add(new(
                        $"cuda:{cuda++}",
                        "cuda",
                        device.Name,
                        false,
                        "found by ILGPU; this version generates on the host only"));
                    break;
                case AcceleratorType.OpenCL:
                    devices.Add(new(
                        $"opencl:{opencl++}",
                        "opencl",
                        device.Name,
                        false,
                        "found by ILGPU; this version generates on the host only"));
                    break;
                case AcceleratorType.CPU:
                    devices.Add(new(
                        "ilgpu-cpu", "ilgpu-cpu", device.Name, false, "runs the kernels in the tests; slow by design"));
                    break;
            }
        }

        return devices;
    }

    private static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
}
