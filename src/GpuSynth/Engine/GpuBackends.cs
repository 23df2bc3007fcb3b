using System.Globalization;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;

namespace GpuSynth;

/// <summary>Opens a device by its name.</summary>
internal static class GpuBackends
{
    /// <summary>Opens cuda:n, opencl:n or ilgpu-cpu.</summary>
    /// <exception cref="DeviceException">There is no such device, or it does not open.</exception>
    public static GpuBackend Open(string name)
    {
        if (name == DeviceCatalogue.IlgpuCpu)
        {
            return AcceleratorBackend.OpenCpu();
        }

        int colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal))
        {
            switch (name[..colon])
            {
                case "cuda":
                    return CudaBackend.Open(ordinal);
                case "opencl":
                    return AcceleratorBackend.OpenOpenCl(ordinal);
            }
        }

        throw new DeviceException($"There is no device {name}; give cuda:0, opencl:0 or {DeviceCatalogue.IlgpuCpu}.");
    }
}
