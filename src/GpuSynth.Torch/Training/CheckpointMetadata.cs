using System.Globalization;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Training;

/// <summary>What a checkpoint says about itself: the metadata of its file.</summary>
public sealed record CheckpointMetadata
{
    /// <summary>What the metadata's "format" is.</summary>
    public const string Format = "gpusynth-checkpoint-1";

    /// <summary>Steps that were done.</summary>
    public required long Step { get; init; }

    /// <summary>Number of the first sample of the next step.</summary>
    public required long NextSample { get; init; }

    /// <summary>The network.</summary>
    public required NetworkOptions Network { get; init; }

    /// <summary>Name of the recipe.</summary>
    public required string RecipeName { get; init; }

    /// <summary>SHA-256 of the recipe's text.</summary>
    public required string RecipeSha256 { get; init; }

    /// <summary>The run's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Name of the objective.</summary>
    public required string Objective { get; init; }

    /// <summary>The metadata, without the checksum.</summary>
    internal Dictionary<string, string> ToMetadata() => new(StringComparer.Ordinal)
    {
        ["format"] = Format,
        ["step"] = Step.ToString(CultureInfo.InvariantCulture),
        ["nextSample"] = NextSample.ToString(CultureInfo.InvariantCulture),
        ["network"] = Network.ToJson(),
        ["recipe"] = RecipeName,
        ["recipeSha256"] = RecipeSha256,
        ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
        ["objective"] = Objective,
    };

    /// <summary>Reads the metadata of a file.</summary>
    /// <exception cref="CheckpointException">It is not that of a checkpoint.</exception>
    internal static CheckpointMetadata Of(IReadOnlyDictionary<string, string> metadata, string path)
    {
        if (metadata.GetValueOrDefault("format") != Format)
        {
            throw new CheckpointException(
                $"'{path}' is not a checkpoint of gpusynth ({Format}); name one that 'gpusynth pretrain' wrote.");
        }

        try
        {
            return new CheckpointMetadata
            {
                Step = long.Parse(metadata["step"], CultureInfo.InvariantCulture),
                NextSample = long.Parse(metadata["nextSample"], CultureInfo.InvariantCulture),
                Network = NetworkOptions.FromJson(metadata["network"]),
                RecipeName = metadata["recipe"],
                RecipeSha256 = metadata["recipeSha256"],
                Seed = ulong.Parse(metadata["seed"], CultureInfo.InvariantCulture),
                Objective = metadata["objective"],
            };
        }
        catch (Exception error) when (error is KeyNotFoundException or FormatException or OverflowException)
        {
            throw new CheckpointException(
                $"'{path}' lacks what a checkpoint says about itself ({error.Message.TrimEnd('.')}); use another checkpoint.",
                error);
        }
    }
}
