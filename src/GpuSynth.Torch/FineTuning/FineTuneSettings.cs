using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// What decides an arm's result besides its initialisation, its number of cases and its seed. Kept with every result: arms of
/// different settings are never mixed in one table.
/// </summary>
internal static class FineTuneSettings
{
    /// <summary>The settings of a run's arms.</summary>
    /// <param name="options">As asked for.</param>
    /// <param name="split">Which case is for what.</param>
    /// <param name="data">As prepared.</param>
    /// <param name="patch">Voxels of a crop.</param>
    /// <param name="start">The network.</param>
    public static JsonObject Of(
        FineTuneOptions options, DataSplit split, SegmentationData data, VolumeShape patch, ArmStart start)
    {
        var settings = new JsonObject
        {
            ["data"] = DataChecksum(split),
            ["trainingCases"] = split.Training.Count,
            ["validationCases"] = split.Validation.Count,
            ["testCases"] = split.Test.Count,
            ["labels"] = string.Join(", ", data.LabelNames),
            ["axes"] = "RAS+",
            ["spacing"] = data.Spacing.ToString(),
            ["intensity"] = options.Intensity.ToString(),
            ["patch"] = patch.ToString(),
            ["batch"] = options.Batch,
            ["steps"] = options.Steps,
            ["validations"] = options.Validations,
            ["learningRates"] = string.Join(", ", options.LearningRates.Select(static rate =>
                rate.ToString(CultureInfo.InvariantCulture))),
            ["schedule"] = "a tenth up, cosine down",
            ["weightDecay"] = options.WeightDecay,
            ["gradientClip"] = options.GradientClip,
            ["overlap"] = options.Overlap,
            ["augmentation"] = options.Augmentation.ToString(),
            ["device"] = options.Device,
            ["network"] = start.Network.ToJson(),
        };
        if (options.Appearance is { } appearance)
        {
            settings["appearance"] = appearance.Settings;
        }

        if (start.Head.EndsInClasses)
        {
            settings["outputs"] = "the network's own";
        }

        if (options.Folds is { } folds)
        {
            settings["folds"] = folds;
        }

        if (!options.IsTested)
        {
            settings["tested"] = false;
        }

        if (options.DropPath > 0)
        {
            settings["dropPath"] = options.DropPath;
        }

        if (options.Threads != 1)
        {
            settings["threads"] = options.Threads;
        }

        // What most data sets do not have is not a setting of theirs: runs of before go on.
        if (!data.Labels.IsConsecutive)
        {
            settings["labelNumbers"] = string.Join(", ", data.Labels.Numbers);
        }

        if (data.Labels.IgnoredNumbers.Count > 0)
        {
            settings["ignoredLabels"] = string.Join(", ", data.Labels.IgnoredNumbers);
        }

        if (data.Channels > 1)
        {
            settings["channels"] = string.Join(", ", data.ChannelNames);
        }

        return settings;
    }

    /// <summary>The settings of an initialisation's arms: those of the run, and what is done with the weights.</summary>
    public static JsonObject OfInit(JsonObject settings, string init, FineTuneOptions options, HeadPlan head, string? weights)
    {
        var own = (JsonObject)settings.DeepClone();
        if (init == FineTuneOptions.PretrainedName)
        {
            own["initialWeights"] = weights;
            own["head"] = head.Treatment.ToString().ToLowerInvariant();
            own["transfer"] = options.Transfer.ToString().ToLowerInvariant();
            own["bodyRate"] = options.BodyRate;
            own["layerDecay"] = options.LayerDecay;
        }

        return own;
    }

    /// <summary>How other settings differ: "steps 300, and this run has 200"; null where they do not.</summary>
    public static string? Difference(JsonObject here, JsonObject there)
    {
        foreach (string key in here.Select(static pair => pair.Key).Union(there.Select(static pair => pair.Key)))
        {
            (string own, string other) = (here[key]?.ToString() ?? "none", there[key]?.ToString() ?? "none");
            if (own != other)
            {
                return key is "data" or "initialWeights"
                    ? $"other {(key == "data" ? "data" : "initial weights")} than this run (by checksum)"
                    : $"{key} {other}, and this run has {own}";
            }
        }

        return null;
    }

    // Names and sizes: enough to tell data sets apart without reading them twice.
    private static string DataChecksum(DataSplit split)
    {
        var text = new StringBuilder();
        foreach (CaseFiles files in split.Training.Concat(split.Validation).Concat(split.Test))
        {
            text.Append(files.Name);
            foreach (string path in files.All)
            {
                text.Append(' ').Append(new FileInfo(path).Length);
            }

            text.Append('\n');
        }

        return Checksum.Sha256(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
