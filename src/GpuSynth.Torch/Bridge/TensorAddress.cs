using System.Runtime.InteropServices;
using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>Where a tensor's values lie in memory.</summary>
public static partial class TensorAddress
{
    /// <summary>The address of a tensor's first value; valid as long as the tensor lives.</summary>
    /// <param name="tensor">A contiguous tensor, so that the address says where all values are.</param>
    /// <exception cref="ArgumentException">The tensor is not contiguous.</exception>
    public static nint Of(torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!tensor.is_contiguous())
        {
            throw new ArgumentException(
                "The tensor is not contiguous, so that one address does not place its values.", nameof(tensor));
        }

        return Data(tensor.Handle);
    }

    /// <summary>The address of a tensor's first value, for callers who follow its strides.</summary>
    internal static nint OfFirst(torch.Tensor tensor) => Data(tensor.Handle);

    // TorchSharp's own way to a device's pointer, Storage.data_ptr(), is the address of the storage: a narrowed tensor begins
    // behind it. This is at::Tensor::data_ptr(), with the offset.
    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_data")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial nint Data(nint tensor);
}
