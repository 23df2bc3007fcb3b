using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.FineTuning;

// What a run leaves behind: run.json, and after every arm results.json, results.md and the report.
public sealed partial class FineTuneRun
{
    private void WriteRun(string status, string command) => folder.WriteRun(settings, new JsonObject
    {
        ["versions"] = new JsonObject(TorchVersions.All.Select(static pair =>
            KeyValuePair.Create(pair.Name, (JsonNode?)pair.Version))),
        ["torch"] = TorchSettings.ToJson(),
        ["status"] = status,
        ["task"] = "segmentation",
        ["commandLine"] = command,
        ["dataFolder"] = options.DataFolder,
        ["init"] = options.Init,
        ["initSha256"] = initialChecksum,
        ["inits"] = new JsonArray([.. options.Inits.Select(static name => (JsonNode)name)]),
        ["trainCases"] = new JsonArray([.. TrainCases.Select(static count => (JsonNode)count)]),
        ["firstSeed"] = options.FirstSeed,
        ["seeds"] = options.Seeds,
        ["heads"] = new JsonObject(Heads.Select(static head => KeyValuePair.Create(head.Init, (JsonNode?)head.Text))),
        ["jobs"] = Jobs,
        ["parameters"] = ParameterCount,
        ["channels"] = new JsonArray([.. data.ChannelNames.Select(static name => (JsonNode)name)]),
        ["labelNumbers"] = new JsonArray([.. data.Labels.Numbers.Select(static number => (JsonNode)number)]),
        ["ignoredLabels"] = new JsonArray([.. data.Labels.IgnoredNumbers.Select(static number => (JsonNode)number)]),
        ["memory"] = new JsonObject
        {
            ["heldBytes"] = data.Memory.HeldBytes,
            ["workingBytes"] = data.Memory.WorkingBytes,
            ["availableBytes"] = data.Memory.AvailableBytes,
            ["isStreamed"] = data.Memory.IsStreamed,
        },
    });

    private void WriteResults(string status, string command)
    {
        FineTuneSummary summary = Summary;
        IReadOnlyList<ArmResult> arms = Results;
        string[] notices = [.. Notices.All, .. ResultNotices];
        var json = new
        {
            notices,
            heads = Heads.ToDictionary(static head => head.Init, static head => head.Text),
            channels = data.ChannelNames,
            labelNumbers = data.Labels.Numbers.Skip(1),
            intervals = FineTuneSummary.IntervalMethod,
            summary,
            arms,
        };
        AtomicFile.WriteText(folder.FilePath("results.json"), JsonSerializer.Serialize(json, ArmResult.JsonForm) + "\n");
        AtomicFile.WriteText(folder.FilePath("results.md"), FineTuneTable.Markdown(summary));
        new FineTunePage(options, data, this, folder).Write(summary, arms, notices, status, command, initial, TimeSpent);
    }
}
