using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>Element types by their name in a file.</summary>
internal static class SafeTensorsType
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F32", ScalarType.Float32, 4), ("F64", ScalarType.Float64, 8), ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2), ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static string AllNames => string.Join(", ", Types.Select(static known => known.Name));

    public static (string Name, ScalarType Type, int Bytes)? Find(string? name)
    {
        int index = Array.FindIndex(Types, known => known.Name == name);
        return index < 0 ? null : Types[index];
    }

    /// <exception cref="NotSupportedException">The format has no such type here: a mistake in the program.</exception>
    public static (string Name, ScalarType Type, int Bytes) Of(ScalarType type)
    {
        int index = Array.FindIndex(Types, known => known.Type == type);
        return index < 0 ? throw new NotSupportedException($"No tensor of {type} goes into a safetensors file.") : Types[index];
    }
}
