using System.CommandLine;
using GpuSynth.Torch.Evaluating;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Cli;

/// <summary>The options of "evaluate", and what they ask for.</summary>
internal sealed class EvaluateArguments
{
    private readonly Argument<string> suite = new("SUITE") { Description = "A suite in YAML: tasks, and the budget of every training. perf/suites has some." };
    private readonly Option<string> data = new("--data") { Description = "Folder that the tasks' data lie in.", HelpName = "DIR", Required = true };
    private readonly Option<string> outFolder = new("--out") { Description = "Folder for the results.", HelpName = "DIR", Required = true };
    private readonly Option<string?> weights = new("--weights")
    {
        Description = "Weights to compare: folders of pretrain runs, checkpoints or files of weights, each with a name of its own or that of its folder. "
            + "None: new weights alone.",
        HelpName = "[NAME=]RUN[,...]",
    };

    private readonly Option<long> jobs = ToolOption.Whole(
        "--jobs", "N", "Trainings at the same time; 0: as many as processors and memory allow. Results do not depend on it.", 0, 1024, 0);

    private readonly Option<string> device = ToolOption.Device();

    /// <summary>"--dry-run".</summary>
    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Say what it would take, from steps timed here, and write nothing." };

    /// <summary>"--json".</summary>
    public Option<bool> Json { get; } = ToolOption.Json();

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(suite);
        foreach (Option option in new Option[] { data, weights, outFolder, jobs, device, DryRun, Json })
        {
            command.Add(option);
        }
    }

    /// <summary>What a command line asks for.</summary>
    public EvaluationOptions Read(ParseResult parsed) => new()
    {
        Suite = SuiteYaml.Read(parsed.GetRequiredValue(suite)),
        DataFolder = parsed.GetRequiredValue(data),
        OutFolder = parsed.GetRequiredValue(outFolder),
        Weights = WeightsOf(parsed.GetValue(weights)),
        Jobs = parsed.GetValue(jobs) is > 0 and long number ? (int)number : null,
        Device = parsed.GetRequiredValue(device),
    };

    private static EvaluatedWeights[] WeightsOf(string? text) =>
        [.. (text?.Split(',', StringSplitOptions.TrimEntries) ?? []).Select(part => WeightsOf(part, text!))];

    private static EvaluatedWeights WeightsOf(string part, string text)
    {
        int at = part.IndexOf('=', StringComparison.Ordinal);
        string path = part[(at + 1)..], name = at > 0 ? part[..at] : path.Length > 0 ? NameOf(path) : string.Empty;
        return path.Length > 0 && EvaluatedWeights.IsName(name)
            ? new EvaluatedWeights(name, path)
            : throw new WrongUseException(
                $"--weights: '{(part.Length > 0 ? part : text)}' gives no name of letters, digits, '-', '_' and '.'; write NAME=RUN, with commas between several.");
    }

    private static string NameOf(string path) =>
        Directory.Exists(path) ? ReportText.FolderName(path) : Path.GetFileNameWithoutExtension(path);
}
