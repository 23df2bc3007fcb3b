using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Components;

/// <summary>
/// SHA-256 of all that a pointwise component makes on the host, at the width that the machine is fast at; and the same of a process without
/// AVX-512: this assembly, started as a program.
/// </summary>
internal static class HostOutput
{
    public const string Marker = "component-output";
    private static readonly Lazy<Dictionary<string, string>> Other = new(RunWithoutAvx512);

    /// <summary>By component, and "lanes": the width there.</summary>
    public static IReadOnlyDictionary<string, string> WithoutAvx512 => Other.Value;

    public static string Of(Type type)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] labels = ComponentSamples.LabelsOf(ComponentSamples.Voxels);
        foreach (float[] before in ComponentSamples.Kinds.Select(ComponentSamples.Values).Append(ComponentSamples.Specials))
        {
            foreach ((Component component, ulong sample) in ComponentSamples.Draws(type))
            {
                var row = new ComponentRow([component], sample, (-0.25f, 1.5f));
                hash.AppendData(MemoryMarshal.AsBytes<float>(LaneRuns.Host(row, before, labels, HostStep.Lanes)));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What the process prints.</summary>
    public static void Print()
    {
        Console.WriteLine($"lanes {HostStep.Lanes.ToString(CultureInfo.InvariantCulture)}");
        foreach (Type type in ComponentMaker.Pointwise)
        {
            Console.WriteLine($"{ComponentMaker.NameOf(type)} {Of(type)}");
        }
    }

    private static Dictionary<string, string> RunWithoutAvx512()
    {
        using Process process = ChildProcess.StartWith(
            ("DOTNET_EnableAVX512", "0"), "dotnet", typeof(HostOutput).Assembly.Location, Marker);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, errors.GetAwaiter().GetResult());
        return lines.Select(static line => line.Split(' ')).ToDictionary(static words => words[0], static words => words[1]);
    }
}
