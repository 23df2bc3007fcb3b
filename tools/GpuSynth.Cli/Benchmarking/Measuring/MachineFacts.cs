using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>What was measured on.</summary>
/// <param name="Cpu">Model of the processor.</param>
/// <param name="Cores">Logical cores that this process may use.</param>
/// <param name="VectorBits">Bits of a hardware vector.</param>
/// <param name="Isa">The instructions that work on them.</param>
/// <param name="Os">Operating system.</param>
/// <param name="DotNet">Version of .NET.</param>
internal sealed record MachineFacts(string Cpu, int Cores, int VectorBits, string Isa, string Os, string DotNet)
{
    /// <summary>This machine.</summary>
    public static MachineFacts Current() => new(
        CpuModel(),
        Environment.ProcessorCount,
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128,
        Vector512.IsHardwareAccelerated ? "AVX-512" : Avx2.IsSupported ? "AVX2" : AdvSimd.IsSupported ? "NEON" : "SSE",
        RuntimeInformation.OSDescription,
        Environment.Version.ToString());

    /// <summary>Writes them as one JSON object.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("cpu", Cpu);
        writer.WriteNumber("cores", Cores);
        writer.WriteNumber("vectorBits", VectorBits);
        writer.WriteString("isa", Isa);
        writer.WriteString("os", Os);
        writer.WriteString("dotnet", DotNet);
        writer.WriteEndObject();
    }

    private static string CpuModel()
    {
        const string Source = "/proc/cpuinfo";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString();
        if (!File.Exists(Source))
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? architecture;
        }

        // Arm's Linux names no model: the architecture has to do.
        string? line = File.ReadLines(Source).FirstOrDefault(
            static line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? architecture : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
