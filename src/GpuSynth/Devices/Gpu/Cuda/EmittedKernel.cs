using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>A parameter of a kernel.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Alignment">What its place in a launch's arguments is a multiple of.</param>
internal readonly record struct KernelParameter(string Name, int Bytes, int Alignment);

/// <summary>A kernel in PTX.</summary>
/// <param name="Method">The method that it was: "SampleTable.StoreKernel".</param>
/// <param name="Name">Its entry point.</param>
/// <param name="Text">The PTX.</param>
/// <param name="Parameters">Its parameters in order.</param>
internal sealed partial record EmittedKernel(string Method, string Name, string Text, IReadOnlyList<KernelParameter> Parameters)
{
    /// <summary>Bytes of shared memory that the text declares.</summary>
    public int SharedBytes => Shared().Matches(Text)
        .Sum(static match => Number(match.Groups["bits"].Value) / 8 * Number(match.Groups["count"].Value));

    /// <summary>What the text says of itself: its version, its target.</summary>
    public string Directive(string name) => Regex.Match(Text, $@"^\.{name}\s+(\S+)", RegexOptions.Multiline).Groups[1].Value;

    /// <summary>Reads the parameters out of the text.</summary>
    public static EmittedKernel Of(string method, string name, string text)
    {
        Match entry = Regex.Match(text, $@"\.entry\s+{Regex.Escape(name)}\s*\(([^)]*)\)");
        if (!entry.Success)
        {
            throw new DeviceException(
                $"The kernel {method} was compiled without its entry point {name}; generate with --device host, and report "
                + "this.");
        }

        var parameters = new List<KernelParameter>();
        foreach (Match match in Parameter().Matches(entry.Groups[1].Value))
        {
            int element = Number(match.Groups["bits"].Value) / 8;
            int count = match.Groups["count"].Success ? Number(match.Groups["count"].Value) : 1;
            int alignment = match.Groups["align"].Success ? Number(match.Groups["align"].Value) : element;
            parameters.Add(new KernelParameter(match.Groups["name"].Value, element * count, alignment));
        }

        return new EmittedKernel(method, name, text, parameters);
    }

    /// <summary>Where the arguments of a launch lie: each behind the one before, at a multiple of its alignment.</summary>
    /// <param name="given">The arguments' types and sizes, which must be those of the parameters.</param>
    /// <param name="bytes">Size of all.</param>
    public int[] Pack(ReadOnlySpan<KernelParameter> given, out int bytes)
    {
        if (given.Length != Parameters.Count)
        {
            throw new DeviceException(
                $"The kernel {Method} was compiled with {Parameters.Count} parameters and is launched with {given.Length}; "
                + "generate with --device host, and report this.");
        }

        for (int index = 0; index < given.Length; index++)
        {
            KernelParameter parameter = Parameters[index];
            if (given[index].Bytes != parameter.Bytes)
            {
                throw new DeviceException(
                    $"Parameter {index + 1} of kernel {Method} ({given[index].Name}) has {given[index].Bytes} bytes here and "
                    + $"{parameter.Bytes} in the compiled kernel; generate with --device host, and report this.");
            }
        }

        return Offsets(out bytes);
    }

    /// <summary>Where the parameters lie in a launch.</summary>
    /// <param name="bytes">Size of all.</param>
    public int[] Offsets(out int bytes)
    {
        var offsets = new int[Parameters.Count];
        bytes = 0;
        for (int index = 0; index < offsets.Length; index++)
        {
            KernelParameter parameter = Parameters[index];
            offsets[index] = (bytes + parameter.Alignment - 1) / parameter.Alignment * parameter.Alignment;
            bytes = offsets[index] + parameter.Bytes;
        }

        return offsets;
    }

    [GeneratedRegex(@"\.shared\s+(\.align\s+\d+\s+)?\.[a-z](?<bits>\d+)\s+[\w$]+\[(?<count>\d+)\]")]
    private static partial Regex Shared();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\.param\s+(\.align\s+(?<align>\d+)\s+)?\.[a-z](?<bits>\d+)\s+(?<name>[\w$]+)(\[(?<count>\d+)\])?")]
    private static partial Regex Parameter();
}
