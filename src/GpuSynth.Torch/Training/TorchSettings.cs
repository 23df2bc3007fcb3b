using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>Switches of torch's that decide about numbers and speed on NVIDIA GPUs: set on purpose, and written into every run.</summary>
/// <remarks>
/// TF32 rounds the factors of float32 products to 10 bits on tensor cores and adds in float32. libtorch allows it for convolutions
/// and not for matrix products; here both may, as the networks' layers are a mixture of the two and train alike. cuDNN's benchmark
/// mode picks the quickest of several algorithms by timing them, so that two runs may add in different orders; a resumed run is to
/// go on to the bit, so it stays off. That is libtorch's default, and TorchSharp 0.107 has no switch for it.
/// </remarks>
internal static class TorchSettings
{
    /// <summary>Sets them, for the whole process.</summary>
    public static void Apply()
    {
        backends.cuda.matmul.allow_tf32 = true;
        backends.cudnn.allow_tf32 = true;
        HostMemory.KeepFreed();
    }

    /// <summary>What is set now, as <c>run.json</c> has it.</summary>
    public static JsonObject ToJson() => new()
    {
        ["allowTf32MatrixProducts"] = backends.cuda.matmul.allow_tf32,
        ["allowTf32Convolutions"] = backends.cudnn.allow_tf32,
        ["cudnnBenchmark"] = false,
    };
}
