using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using GpuSynth.Tests.Engine;
using GpuSynth.Kernels;
using GpuSynth.Native;
using GpuSynth.Tests.Architecture;
using GpuSynth.Tests.IO;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Native;

/// <summary>The header and the example in C, through a C compiler and a process of its own.</summary>
public sealed class ExampleTests
{
    private static readonly string Project = Path.Combine(Repository.Root, "src", "GpuSynth.Native");
    private static readonly string Include = Path.Combine(Project, "include");
    private static readonly string Header = Path.Combine(Include, "gpusynth.h");
    private static readonly string[] Strict = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-I", Include];

    [TestCase("gcc", "c", "c99")]
    [TestCase("gcc", "c", "c11")]
    [TestCase("g++", "c++", "c++98")]
    [TestCase("g++", "c++", "c++17")]
    public void TheHeaderCompiles(string compiler, string language, string standard)
    {
        // C++ before 2011 has no <stdint.h> of its own, and gcc's will do.
        string[] arguments = ["-x", language, $"-std={standard}", .. Strict, "-fsyntax-only", Header];
        Compile(compiler, [.. arguments, "-Wno-pragma-once-outside-header"]);
    }

    [TestCase("gcc", "c", "c99")]
    [TestCase("g++", "c++", "c++11")]
    public void TheExampleCompiles(string compiler, string language, string standard) => Compile(
        compiler,
        [
            "-x", language, $"-std={standard}", .. Strict, "-D_XOPEN_SOURCE=700", "-fsyntax-only",
            Path.Combine(Project, "examples", "generate.c"),
        ]);

    [Test]
    public void StructsHaveTheHeadersSizesAndOffsets()
    {
        using TestFolder folder = new();
        (string Name, Type Type)[] structs =
            [("options", typeof(AbiOptions)), ("info", typeof(AbiInfo)), ("key", typeof(SampleKey))];
        string[] lines =
        [
            .. structs.SelectMany(pair => FieldsOf(pair.Type).Select(field =>
                $"printf(\"{pair.Name}.{field.C} %d\\n\", (int)offsetof(gpusynth_{pair.Name}, {field.C}));")),
            .. structs.Select(static pair => $"printf(\"{pair.Name} %d\\n\", (int)sizeof(gpusynth_{pair.Name}));"),
        ];
        File.WriteAllText(
            folder["layout.c"],
            $"#include <stddef.h>\n#include <stdio.h>\n#include \"gpusynth.h\"\nint main(void) {{\n{string.Join('\n', lines)}\n"
            + "return 0; }\n");
        Compile("gcc", ["-std=c99", .. Strict, folder["layout.c"], "-o", folder["layout"]]);
        string[] expected =
        [
            .. structs.SelectMany(pair => FieldsOf(pair.Type).Select(field =>
                $"{pair.Name}.{field.C} {Marshal.OffsetOf(pair.Type, field.Field)}")),
            .. structs.Select(static pair => $"{pair.Name} {Marshal.SizeOf(pair.Type)}"),
        ];
        Assert.That(Run(folder["layout"], []).Output.TrimEnd().Split('\n'), Is.EqualTo(expected));
        Assert.That((Marshal.SizeOf<AbiOptions>(), Marshal.SizeOf<AbiInfo>()), Is.EqualTo((72, 64)));
    }

    [Test]
    public void EveryFunctionOfTheHeader_IsExported_AndLoaded()
    {
        string[] header =
        [
            .. Regex.Matches(File.ReadAllText(Header), @"GPUSYNTH_CALL \*gpusynth_(\w+)_fn\)")
                .Select(static match => match.Groups[1].Value),
        ];
        string[] exported =
        [
            .. typeof(Exports).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(static method => method.IsDefined(typeof(UnmanagedCallersOnlyAttribute)))
                .Select(static method => method.Name),
        ];
        string loader = File.ReadAllText(Path.Combine(Include, "gpusynth_load.h"));
        Assert.That(header.Select(PascalCase), Is.EqualTo(exported));
        Assert.That(
            Regex.Matches(loader, "\"([A-Z][A-Za-z]+)\"[,\\s]").Select(static m => m.Groups[1].Value), Is.EqualTo(exported));
        Assert.That(Regex.Matches(loader, @"&functions->(\w+)").Select(static m => m.Groups[1].Value), Is.EqualTo(header));
        foreach (ResultCode code in Enum.GetValues<ResultCode>())
        {
            string name = string.Concat(code.ToString().Select(static (c, i) => i > 0 && char.IsUpper(c) ? "_" + c : $"{c}"));
            Assert.That(File.ReadAllText(Header), Does.Match($@"#define GPUSYNTH_{name.ToUpperInvariant()} \(?{(int)code}\)?\s"));
        }
    }

    [Test]
    public void TheExample_MakesWhatTheEngineMakes()
    {
        using TestFolder folder = new();
        string example = Example(folder);
        string engineFolder = EngineFolder();
        (int code, string output, string errors) = Run(example, [engineFolder, "rasd-3d", "20", "3", "11"]);
        Assert.That(code, Is.Zero, output + errors);
        using SynthesisEngine engine = Start(Options("rasd-3d", VolumeShape.Cubic(3, 20), seed: 11));
        var samples = Enumerable.Range(0, 3).Select(n => Sample(engine, SampleKey.Of(n))).ToArray();
        ulong hash = 14695981039346656037;
        IEnumerable<byte> bytes = samples.SelectMany(static sample => MemoryMarshal.AsBytes<float>(sample.Image).ToArray())
            .Concat(samples.SelectMany(static sample => sample.Label));
        foreach (byte value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        string[] lines = output.TrimEnd().Split('\n');
        Assert.Multiple(() =>
        {
            Assert.That(lines[0], Does.StartWith("3 samples of 20 x 20 x 20, 2 labels"));
            Assert.That(lines[^1], Is.EqualTo($"checksum {hash:x16}"));
            Assert.That(lines[1..^1].Select(static line => System.Text.Json.JsonDocument.Parse(line).RootElement
                .GetProperty("means")[0].GetSingle()), Is.EqualTo(samples.Select(static sample => sample.Drawn.Means[0])));
        });
        TestContext.Out.WriteLine(output);
    }

    [Test]
    public void TheExample_SaysWhatIsWrong()
    {
        using TestFolder folder = new();
        string example = Example(folder);
        string engineFolder = EngineFolder();
        Assert.Multiple(() =>
        {
            Says([engineFolder, "rasd-3"], "did you mean rasd-3d? (code -2)");
            Says([engineFolder, "rasd-3d", "-1"], "options.size is {-1, 0, 0}");
            Says([folder.Root], "GpuSynth.Native.runtimeconfig.json");
            Says([folder["nowhere"]], "There is no folder");
            Says([engineFolder], "install .NET 10", ("DOTNET_ROOT", folder.Root));
            Says([engineFolder], "cannot be loaded", ("GPUSYNTH_HOSTFXR", folder["libhostfxr.so"]));
        });

        void Says(string[] arguments, string sentence, params (string Name, string Value)[] environment)
        {
            (int code, string output, string errors) = Run(example, arguments, environment);
            Assert.That((code, errors), Is.EqualTo((1, errors)), output);
            Assert.That(errors, Does.Contain(sentence));
        }
    }

    private static string Example(TestFolder folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            Assert.Ignore("not run: the example's loader is for POSIX");
        }

        string source = Path.Combine(Project, "examples", "generate.c");
        Compile("gcc", ["-std=c99", "-O2", .. Strict, source, "-o", folder["generate"], "-ldl"]);
        return folder["generate"];
    }

    // The build's own output, beside that of the tests.
    private static string EngineFolder()
    {
        string configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string[] places =
        [
            Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "GpuSynth.Native", configuration)),
            Path.Combine(Repository.Root, "artifacts", "bin", "GpuSynth.Native", "release"),
        ];
        string? found = Array.Find(
            places, static place => File.Exists(Path.Combine(place, "GpuSynth.Native.runtimeconfig.json")));
        if (found is null)
        {
            Assert.Ignore("not run: GpuSynth.Native was built elsewhere");
        }

        return found!;
    }

    private static IEnumerable<(string Field, string C)> FieldsOf(Type type) => type == typeof(SampleKey)
        ? [("<Anatomy>k__BackingField", "anatomy"), ("<Appearance>k__BackingField", "appearance")]
        : type.GetFields(BindingFlags.Instance | BindingFlags.Public).Select(static field => (field.Name, SnakeCase(field.Name)));

    private static string SnakeCase(string name) => string.Concat(
        name.Select(static (c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : $"{c}"));

    private static string PascalCase(string name) =>
        string.Concat(name.Split('_').Select(static part => char.ToUpperInvariant(part[0]) + part[1..]));

    private static void Compile(string compiler, string[] arguments)
    {
        try
        {
            (int code, string output, string errors) = Run(compiler, arguments);
            Assert.That(code, Is.Zero, output + errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore($"not run: there is no {compiler} to compile the C ABI's header and example with");
        }
    }

    private static (int Code, string Output, string Errors) Run(
        string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The runtime that runs the tests is there for sure: ROOT/shared/Microsoft.NETCore.App/10.0.x/.
        start.Environment["DOTNET_ROOT"] =
            Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        start.Environment.Remove("GPUSYNTH_HOSTFXR");
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
