using System.Text.Json.Nodes;

namespace GpuSynth.Torch.Training;

/// <summary>Which settings may change when a run is resumed: those that have not shaped the steps that were done.</summary>
internal static class ResumeRules
{
    // Speed, place and care: no step that was done depends on them.
    private static readonly string[] Free = ["threads", "device", "checkpointEvery", "keep", "labels"];

    /// <summary>Refuses what would change the past.</summary>
    /// <param name="before">What the run began with.</param>
    /// <param name="after">What it is to go on with.</param>
    /// <param name="step">Steps that were done.</param>
    /// <exception cref="GpuSynthException">Names the setting, and both values.</exception>
    public static void Check(PretrainOptions before, PretrainOptions after, long step)
    {
        JsonObject old = JsonNode.Parse(before.ToJson())!.AsObject();
        JsonObject wanted = JsonNode.Parse(after.ToJson())!.AsObject();
        foreach ((string name, JsonNode? value) in wanted)
        {
            if (Free.Contains(name) || JsonNode.DeepEquals(value, old[name]))
            {
                continue;
            }

            if (name != "steps")
            {
                throw new GpuSynthException(
                    $"The run was begun with {name} {Text(old[name])}, and its {step} steps cannot be done again with {Text(value)}; "
                    + "leave that option out, or begin another run (--out).");
            }

            if (before.Schedule == ScheduleKind.Cosine)
            {
                throw new GpuSynthException(
                    $"The run's cosine schedule over {before.Steps} steps has shaped its {step} steps, and {after.Steps} would change "
                    + "them; begin another run (--out), with --schedule constant if it may become longer.");
            }

            if (after.Steps < step)
            {
                throw new GpuSynthException($"The run has done {step} steps already; give --steps {step} or more.");
            }
        }
    }

    private static string Text(JsonNode? value) => value is null ? "none" : value.ToJsonString().Trim('"');
}
