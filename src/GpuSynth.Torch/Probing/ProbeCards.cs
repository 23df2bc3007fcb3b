using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Probing;

/// <summary>What a probe measured, in the cards of the weights.</summary>
internal static class ProbeCards
{
    /// <summary>Adds a block to the card of every run that was probed.</summary>
    /// <param name="weights">Runs or files, one for each arm of weights.</param>
    /// <param name="result">The probe's.</param>
    /// <param name="command">The command line.</param>
    /// <param name="say">Told where a card cannot be written.</param>
    public static void Write(IReadOnlyList<string> weights, ProbeResult result, string command, Action<string> say)
    {
        string data = ReportText.FolderName(result.Data);
        ProbeArm[] arms = [.. result.Arms.Where(static arm => arm.Kind == ProbeRun.WeightsKind)];
        foreach ((string path, ProbeArm arm) in weights.Zip(arms))
        {
            ProbeArm[] rows = [arm, .. result.Arms.Where(other => other.Name == arm.Twin || other.Kind == ProbeRun.HandMadeKind)];
            var block = new MeasuredBlock(
                $"probe {data}",
                $"""
                ### Probed on {data}: {result.TrainCases.Count} cases to fit, {result.EvalCases.Count} to measure on

                | Features, frozen | Best level | Dice, linear | Dice, nearest voxels of one case |
                | --- | --- | ---: | ---: |
                {string.Join("\n", rows.Select(static row =>
                    $"| {row.Name} | {row.Best.Name} | {ReportText.Interval(row.Best.Dice, 3)} | {ReportText.Interval(row.Best.NeighbourDice, 3)} |"))}

                {ProbeResult.Method} `{command}`
                """);
            string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
            block.AddTo(Path.Combine(folder, ModelCard.FileName), say);
        }
    }
}
