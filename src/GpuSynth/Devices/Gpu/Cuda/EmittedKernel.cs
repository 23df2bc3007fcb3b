using System.Globalization;
using System.Text.RegularExpressions;
using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>A kernel in PTX.</summary>
/// <param name="Type">What it was compiled from.</param>
/// <param name="Entry">Its entry point: "SampleTable_StoreKernel".</param>
/// <param name="Text">The PTX.</param>
/// <param name="Layout">Where its arguments lie in its one parameter.</param>
internal sealed partial record EmittedKernel(Type Type, string Entry, string Text, KernelLayout Layout)
{
    /// <summary>Its name: "SampleTable.StoreKernel".</summary>
    public string Name { get; } = KernelEntry.NameOf(Type);

    /// <summary>Bytes of shared memory that the text declares.</summary>
    public int SharedBytes => Shared().Matches(Text)
        .Sum(static match => Number(match.Groups["bits"]) / 8 * Number(match.Groups["count"]));

    /// <summary>What the text says of itself: its version, its target.</summary>
    public string Directive(string name) => Regex.Match(Text, $@"^\.{name}\s+(\S+)", RegexOptions.Multiline).Groups[1].Value;

    /// <summary>
    /// A kernel as the compiler gave it: its entry point takes the kernel's name, which profilers show, and its parameter is held
    /// against the layout.
    /// </summary>
    /// <param name="kernel">The kernel's type.</param>
    /// <param name="entry">What the compiler called its entry point.</param>
    /// <param name="text">The PTX.</param>
    /// <exception cref="DeviceException">The entry point is missing, or takes something else than the kernel.</exception>
    public static EmittedKernel Of(Type kernel, string entry, string text)
    {
        string name = KernelEntry.NameOf(kernel);
        var layout = new KernelLayout(kernel);
        Match found = Regex.Match(text, $@"\.entry\s+({Regex.Escape(entry)})\s*\(([^)]*)\)");
        if (!found.Success)
        {
            throw new DeviceException(
                $"The kernel {name} was compiled without its entry point {entry}; generate with --device host, and report this.");
        }

        MatchCollection parameters = Parameter().Matches(found.Groups[2].Value);
        int bytes = parameters.Sum(static parameter => Number(parameter.Groups["bits"]) / 8 * Number(parameter.Groups["count"]));
        if (parameters.Count != 1 || bytes != layout.Bytes)
        {
            throw new DeviceException(
                $"The kernel {name} has {layout.Bytes} bytes of arguments here and {bytes} in {parameters.Count} parameters as "
                + "compiled; generate with --device host, and report this.");
        }

        Group old = found.Groups[1];
        string own = NoLetters().Replace(name, "_").TrimEnd('_');
        return new EmittedKernel(kernel, own, $"{text[..old.Index]}{own}{text[(old.Index + old.Length)..]}", layout);
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex(@"\.shared\s+(\.align\s+\d+\s+)?\.[a-z](?<bits>\d+)\s+[\w$]+\[(?<count>\d+)\]")]
    private static partial Regex Shared();

    [GeneratedRegex(@"\.param\s+(\.align\s+\d+\s+)?\.[a-z](?<bits>\d+)\s+[\w$]+(\[(?<count>\d+)\])?")]
    private static partial Regex Parameter();

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NoLetters();
}
