using System.Globalization;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Prediction;

/// <summary>What a prediction measured, in the cards of the networks that made it.</summary>
internal static class PredictionCards
{
    /// <summary>Adds a block to the card beside every file of weights that has one.</summary>
    /// <param name="networks">Files of weights.</param>
    /// <param name="input">The images.</param>
    /// <param name="classNames">Without the background.</param>
    /// <param name="cases">The complete cases.</param>
    /// <param name="bad">How many were left out.</param>
    /// <param name="notices">Told where a card cannot be written.</param>
    public static void Write(
        IReadOnlyList<string> networks,
        string input,
        IReadOnlyList<string> classNames,
        IReadOnlyCollection<PredictedCase> cases,
        int bad,
        Notices notices)
    {
        if (cases.Count == 0)
        {
            return;
        }

        string name = ReportText.FolderName(input);
        var block = new MeasuredBlock(
            $"predict {name}",
            $"""
            ### Predicted: {cases.Count} cases of {name}{(bad > 0 ? $", {bad} left out" : string.Empty)}{(networks.Count > 1 ? $", with {networks.Count - 1} other networks" : string.Empty)}

            Without labels nothing says how right they are; volumes far from those of the training cases are a reason to look.

            | Class | Voxels: least | median | most |
            | --- | ---: | ---: | ---: |
            {string.Join("\n", classNames.Select((one, n) => Row(one, [.. cases.Select(each => each.Voxels[n]).Order()])))}
            """);
        foreach (string network in networks)
        {
            block.AddTo(
                Path.Combine(Path.GetDirectoryName(Path.GetFullPath(network))!, ModelCard.FileName),
                words => notices.Add("model cards", words));
        }
    }

    private static string Row(string name, long[] sorted) => string.Create(
        CultureInfo.InvariantCulture, $"| {name} | {sorted[0]:N0} | {sorted[sorted.Length / 2]:N0} | {sorted[^1]:N0} |");
}
