using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Training;

/// <summary>
/// What must be as it was when a run is resumed: recipe, label maps, checkpoint, and all settings that have shaped its steps.
/// </summary>
internal static class ResumeRules
{
    // Speed, place and care: no step that was done depends on them.
    private static readonly string[] Free = ["threads", "device", "synthesisDevice", "checkpointEvery", "keep", "labels", "probe"];

    /// <summary>Refuses what would change the past.</summary>
    /// <param name="before">What the run began with.</param>
    /// <param name="after">What it is to go on with.</param>
    /// <param name="step">Steps that were done.</param>
    /// <exception cref="GpuSynthException">Names the setting, and both values.</exception>
    public static void Check(PretrainOptions before, PretrainOptions after, long step)
    {
        JsonObject old = JsonNode.Parse(before.ToJson())!.AsObject();
        JsonObject wanted = JsonNode.Parse(after.ToJson())!.AsObject();
        foreach (string name in wanted.Select(static pair => pair.Key).Union(old.Select(static pair => pair.Key)))
        {
            JsonNode? value = wanted[name];
            if (Free.Contains(name) || JsonNode.DeepEquals(value, old[name]))
            {
                continue;
            }

            if (name != "steps")
            {
                throw new GpuSynthException(
                    $"The run was begun with {name} {Text(old[name])}, "
                    + $"and its {step} steps cannot be done again with {Text(value)}; "
                    + "leave that option out, or begin another run (--out).");
            }

            if (before.Schedule == ScheduleKind.Cosine)
            {
                throw new GpuSynthException(
                    $"The run's cosine schedule over {before.Steps} steps has shaped its {step} steps, "
                    + $"and {after.Steps} would change them; "
                    + "begin another run (--out), with --schedule constant if it may become longer.");
            }

            if (after.Steps < step)
            {
                throw new GpuSynthException($"The run has done {step} steps already; give --steps {step} or more.");
            }
        }
    }

    /// <summary>Refuses a checkpoint that is not of the folder's run.</summary>
    /// <exception cref="CheckpointException">Its recipe, seed or objective is another.</exception>
    public static void Check(CheckpointMetadata metadata, RunRecord record)
    {
        if (metadata.RecipeSha256 != record.RecipeSha256)
        {
            throw new CheckpointException(
                $"The checkpoint of step {metadata.Step} was trained on another recipe ({metadata.RecipeName}) than the folder's "
                + $"{RunRecord.RecipeFileName} ({record.Options.Recipe.Name}); "
                + "put the recipe back, or begin another run (--out).");
        }

        if (metadata.Seed != record.Options.Seed || metadata.Objective != record.Options.Objective)
        {
            throw new CheckpointException(
                $"The checkpoint of step {metadata.Step} has seed {metadata.Seed} and objective {metadata.Objective}, and the folder's "
                + $"{RunRecord.FileName} has others; put the file back, or begin another run (--out).");
        }
    }

    /// <summary>Names and checksums of the label maps that a run draws from.</summary>
    public static (string Name, string Sha256)[] LabelMapsOf(PretrainOptions options)
    {
        if (options.Labels is not { } path)
        {
            return [];
        }

        return
        [
            .. LabelMapSet.FindFiles(path).Select(static file => (Path.GetFileName(file), Checksum.Sha256(file))),
        ];
    }

    /// <summary>Refuses label maps that have changed since the run began.</summary>
    /// <exception cref="GpuSynthException">A name or a checksum differs.</exception>
    public static void CheckLabelMaps(RunRecord record)
    {
        if (!LabelMapsOf(record.Options).SequenceEqual(record.LabelMaps))
        {
            throw new GpuSynthException(
                $"The label maps in '{record.Options.Labels}' are not those that the run began with; "
                + "put them back, or begin another run (--out).");
        }
    }

    private static string Text(JsonNode? value) => value is null ? "none" : value.ToJsonString().Trim('"');
}
