using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using GpuSynth.Devices.Gpu.Cuda;

namespace GpuSynth.Tests.Devices;

/// <summary>
/// The fake CUDA driver (tests/fakecuda). A process knows one driver for good, so what is tested on it runs in a process of its
/// own: this assembly, started as a program, which runs one method of <see cref="CudaScenarios"/>.
/// </summary>
internal static partial class FakeCuda
{
    private const string Marker = "cuda-scenario";
    private static readonly Lazy<string?> Built = new(Build);

    /// <summary>The log's lines so far, in a scenario.</summary>
    public static CudaCall[] Calls() =>
        [.. Marshal.PtrToStringUTF8(Log())!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(CudaCall.Parse)];

    /// <summary>Writes calls to a file in the folder that GPUSYNTH_CUDA_RECORD names; nothing where it names none.</summary>
    public static void Record(string what, IEnumerable<CudaCall> calls)
    {
        string? folder = Environment.GetEnvironmentVariable("GPUSYNTH_CUDA_RECORD");
        if (!string.IsNullOrEmpty(folder))
        {
            string[] lines =
            [
                $"# Calls of the CUDA driver, on the fake one: {what}.",
                "# GPUSYNTH_CUDA_RECORD=$PWD/perf/results ./test --filter TheEngineOnlyLaunchesAndOrders",
                .. calls.Select(static call => call.ToString()),
            ];
            File.WriteAllLines(Path.Combine(folder, "fake-cuda-calls.txt"), lines);
        }
    }

    [LibraryImport(CudaLibrary.Name, EntryPoint = "fakecuda_clear")]
    public static partial void Clear();

    /// <summary>Calls of a function return an error.</summary>
    /// <param name="function">The driver's name of it.</param>
    /// <param name="error">The error.</param>
    /// <param name="after">Calls before the first that fails.</param>
    /// <param name="times">Calls that fail; 0 for all.</param>
    [LibraryImport(CudaLibrary.Name, EntryPoint = "fakecuda_fail", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void Fail(string function, int error, int after = 0, int times = 1);

    // What other libraries do, and the engine does not.
    [LibraryImport(CudaLibrary.Name, EntryPoint = "cuCtxCreate_v2")]
    public static partial CudaError CreateContext(out nint context, uint flags, int device);

    [LibraryImport(CudaLibrary.Name, EntryPoint = "cuCtxDestroy_v2")]
    public static partial CudaError DestroyContext(nint context);

    [LibraryImport(CudaLibrary.Name, EntryPoint = "fakecuda_second_frees")]
    public static partial int SecondFrees();

    /// <summary>What is alive on the fake device.</summary>
    public static CudaAlive Alive()
    {
        int[] numbers = new int[7];
        Alive(numbers);
        return new CudaAlive(numbers[0], numbers[1], numbers[2], numbers[3], numbers[5], numbers[6]);
    }

    /// <summary>Runs a scenario in a process of its own; the test fails as it does.</summary>
    /// <param name="scenario">Name of a method of <see cref="CudaScenarios"/>.</param>
    /// <param name="environment">Further variables, as NAME=value.</param>
    public static void Run(string scenario, params string[] environment)
    {
        string? library = Built.Value;
        if (library is null)
        {
            Assert.Ignore("not run: there is no C compiler (gcc or cc) to build the fake CUDA driver with");
        }

        var start = new ProcessStartInfo("dotnet", [typeof(FakeCuda).Assembly.Location, Marker, scenario])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[CudaLibrary.Variable] = library;
        foreach (string variable in environment)
        {
            string[] parts = variable.Split('=', 2);
            start.Environment[parts[0]] = parts[1];
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, () => output + errors.Result);
    }

    /// <summary>The test assembly as a program.</summary>
    public static int Main(string[] args)
    {
        if (args is [Components.HostOutput.Marker])
        {
            Components.HostOutput.Print();
            return 0;
        }

        if (args is [Recipes.RandomRecipeTests.Marker, string first, string count])
        {
            Recipes.RandomRecipeTests.Print(int.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
            return 0;
        }

        if (args is not [Marker, string name])
        {
            Console.Error.WriteLine("These are tests; run them with ./test.");
            return 1;
        }

        // The fake driver's own entry points are imported by this assembly, under the name that the engine uses.
        NativeLibrary.SetDllImportResolver(typeof(FakeCuda).Assembly, static (name, assembly, path) =>
            name == CudaLibrary.Name ? NativeLibrary.Load(Environment.GetEnvironmentVariable(CudaLibrary.Variable)!) : 0);
        try
        {
            typeof(CudaScenarios).GetMethod(name)!.Invoke(null, null);
            return 0;
        }
        catch (TargetInvocationException exception)
        {
            Console.WriteLine(exception.InnerException);
            return 1;
        }
    }

    private static string? Build()
    {
        string source = Path.Combine(Architecture.Repository.Root, "tests", "fakecuda", "fakecuda.c");
        string target = Path.Combine(AppContext.BaseDirectory, "libfakecuda.so");
        foreach (string compiler in (string[])["gcc", "cc"])
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(
                    compiler,
                    [
                        "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread",
                        source, "-o", target,
                    ])
                {
                    RedirectStandardError = true,
                })!;
                string errors = process.StandardError.ReadToEnd();
                process.WaitForExit();
                Assert.That(process.ExitCode, Is.Zero, errors);
                return target;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not this compiler.
            }
        }

        return null;
    }

    [LibraryImport(CudaLibrary.Name, EntryPoint = "fakecuda_log")]
    private static partial nint Log();

    [LibraryImport(CudaLibrary.Name, EntryPoint = "fakecuda_alive")]
    private static partial void Alive([Out] int[] numbers);
}

/// <summary>What is alive: contexts but the primary one, and uses of that.</summary>
internal sealed record CudaAlive(int Contexts, int Streams, int Events, int Modules, int Memory, int PrimaryUses);

/// <summary>One line of the fake driver's log.</summary>
internal sealed record CudaCall(string Function, int Result, string Context, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Whether the call works in the current context, and does not choose one or ask about the device.</summary>
    public bool NeedsContext => !Function.StartsWith("cuDevice", StringComparison.Ordinal)
        && Function is not ("cuInit" or "cuDriverGetVersion" or "cuCtxSetCurrent" or "cuCtxCreate_v2" or "cuCtxDestroy_v2");

    public string this[string key] => Values[key];

    public static CudaCall Parse(string line)
    {
        string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var values = parts.Skip(1).Select(static part => part.Split('=', 2)).ToDictionary(static p => p[0], static p => p[1]);
        return new CudaCall(parts[0], int.Parse(values["result"]), values["ctx"], values);
    }

    public override string ToString() =>
        $"{Function} {string.Join(' ', Values.Select(static pair => $"{pair.Key}={pair.Value}"))}";
}
