namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>What the driver reports, as one clear sentence with the way out.</summary>
internal static class CudaFailure
{
    /// <summary>Throws unless all went well.</summary>
    /// <param name="error">What the driver says.</param>
    /// <param name="device">Name of the device.</param>
    /// <param name="doing">What was being done: "launching kernel X".</param>
    public static void Check(CudaError error, string device, string doing)
    {
        if (error != CudaError.Success)
        {
            throw Of(error, device, doing);
        }
    }

    /// <summary>The exception for a result.</summary>
    public static DeviceException Of(CudaError error, string device, string doing)
    {
        string what = CudaDriver.Describe(error);
        if (error.IsLost())
        {
            return new DeviceException(
                $"The device {device} was lost while {doing} ({what}); start again: a run folder resumes where its last "
                + "checkpoint was.")
            {
                IsLost = true,
            };
        }

        if (error.IsOfAnotherContext())
        {
            return new DeviceException(
                $"Two libraries use {device} through different CUDA contexts: {doing} met a handle that is not of the device's "
                + $"primary context ({what}); let the other library use the primary context, as torch does.");
        }

        if (error == CudaError.OutOfMemory)
        {
            return new DeviceException(
                $"{device} has no memory left for {doing} ({what}); take a smaller batch or a smaller size, or close what else "
                + "runs on this device.");
        }

        return new DeviceException(
            $"{device} failed while {doing} ({what}); bring NVIDIA's driver up to date, or generate with --device host.");
    }

    /// <summary>The exception for a kernel that does not compile.</summary>
    /// <param name="kernel">The kernel's name.</param>
    /// <param name="device">Name of the device.</param>
    /// <param name="reason">What the compiler says; may be empty.</param>
    /// <param name="cause">The exception that told it.</param>
    public static DeviceException OfKernel(string kernel, string device, string reason, Exception? cause = null) => new(
        $"The kernel {kernel} does not compile for {device}: {(reason.Length == 0 ? "no reason is given" : OneLine(reason))}; "
        + "bring NVIDIA's driver up to date, or generate with --device host.",
        cause);

    private static string OneLine(string text) =>
        string.Join(" | ", text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
