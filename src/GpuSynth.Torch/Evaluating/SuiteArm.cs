using System.Text.Json.Serialization;
using GpuSynth.Recipes;

namespace GpuSynth.Torch.Evaluating;

/// <summary>An arm that a suite itself has, made with a recipe, on every task of segmentation of its dimensions.</summary>
public abstract record SuiteArm
{
    /// <summary>What tables call it.</summary>
    [JsonPropertyOrder(-2)]
    public required string Name { get; init; }

    /// <summary>The recipe.</summary>
    [JsonIgnore]
    public required Recipe Recipe { get; init; }

    /// <summary>The recipe's name.</summary>
    [JsonPropertyName("recipe")]
    [JsonPropertyOrder(-1)]
    public string RecipeName => Recipe.Name;
}
