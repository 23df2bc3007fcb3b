using System.Diagnostics;
using System.Text.Json;
using GpuSynth.Cli;

namespace GpuSynth.Tests.Cli;

/// <summary>A run of the tool: in this process, or as one of its own.</summary>
internal sealed record ToolRun(int ExitCode, string Data, string Messages)
{
    /// <summary>The data as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Data).RootElement;

    private static string Assembly => typeof(GpuSynth.Cli.ToolContext).Assembly.Location;

    public static ToolRun Of(params string[] args)
    {
        using var interruption = new Interruption();
        return Of(interruption, args);
    }

    public static ToolRun Of(Interruption interruption, params string[] args)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        int code = Program.Run(args, new Output(data, messages), interruption);
        return new ToolRun(code, data.ToString(), messages.ToString());
    }

    public static Process Start(params string[] args) => ChildProcess.Start("dotnet", [Assembly, .. args]);

    /// <summary>Starts the tool from a line of a shell, in which $gpusynth is the tool.</summary>
    public static Process StartInShell(string line) =>
        ChildProcess.Start("sh", "-c", line.Replace("$gpusynth", $"dotnet '{Assembly}'", StringComparison.Ordinal));

    public static ToolRun End(Process process)
    {
        Task<string> messages = process.StandardError.ReadToEndAsync();
        string data = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ToolRun(process.ExitCode, data, messages.GetAwaiter().GetResult());
    }

    public static ToolRun OfProcess(params string[] args)
    {
        using Process process = Start(args);
        return End(process);
    }

    /// <summary>A process of the tool with one environment variable set.</summary>
    public static ToolRun OfProcess((string Name, string Value) variable, params string[] args)
    {
        using Process process = ChildProcess.StartWith(variable, "dotnet", [Assembly, .. args]);
        return End(process);
    }
}
