namespace GpuSynth.Torch.Reports;

/// <summary>The model card of a network that segments: what it was trained on, what it measured, how to use it.</summary>
public sealed record SegmentationCard
{
    /// <summary>The arm's name.</summary>
    public required string Name { get; init; }

    /// <summary>The data's name.</summary>
    public required string DataName { get; init; }

    /// <summary>Kind and dimensions, "UNet 3D".</summary>
    public required string Network { get; init; }

    /// <summary>2 or 3.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Trained values.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>The numbers in label maps and their names, the background first.</summary>
    public required IReadOnlyList<(int Number, string Name)> Classes { get; init; }

    /// <summary>The images' channels.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>Spacing, range of values and crops in words.</summary>
    public required string Preprocessing { get; init; }

    /// <summary>The weights that it began with, in words.</summary>
    public required string InitialWeights { get; init; }

    /// <summary>Names of the cases that it was trained on.</summary>
    public required IReadOnlyList<string> Cases { get; init; }

    /// <summary>Steps, rate, schedule, augmentation in words.</summary>
    public required string Training { get; init; }

    /// <summary>The command line.</summary>
    public required string Command { get; init; }

    /// <summary>What was measured.</summary>
    public IReadOnlyList<MeasuredBlock> Measured { get; init; } = [];

    /// <summary>The card's text.</summary>
    public string ToMarkdown() =>
        $"""
        ---
        pipeline_tag: image-segmentation
        tags:
        - medical-imaging
        - {Dimensions}d
        - gpusynth
        ---

        # {Name}

        A {Network} ({ReportText.Count(ParameterCount)} parameters) that segments {(Dimensions == 2 ? "images" : "volumes")} like those of {DataName}.

        | Number in label maps | Class |
        | ---: | --- |
        {string.Join("\n", Classes.Select(static one => $"| {one.Number} | {one.Name} |"))}

        ## Use

        ```
        gpusynth predict --model {Name} --in FOLDER --out FOLDER
        ```

        Channels: {string.Join(", ", Channels)}. Each image is brought to {Preprocessing}, and the labels back to its own grid.

        ## Training

        - Cases: {Cases.Count} of {DataName}: {string.Join(", ", Cases)}
        - Initial weights: {InitialWeights}
        - {Training}

        ```
        {Command}
        ```

        {MeasuredBlock.Section(Measured, "None was made.")}

        ## Limits

        - Not a medical device; nothing here was tested for clinical use.
        - What was measured holds for scans like those it was measured on: another scanner, protocol or population may be far worse.
          Look at some predictions before you use any.

        """;
}
