using System.Text.Json;
using System.Text.Json.Serialization;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;

namespace GpuSynth.Torch.Training;

/// <summary>What the network computes in; its weights are kept in float32 either way.</summary>
public enum Precision
{
    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16, with float32 weights behind it.</summary>
    Bf16,
}

/// <summary>
/// What a pre-training run is. Everything but the recipe goes into run.json, and comes back from there to resume.
/// </summary>
public sealed record PretrainOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new ShapeConverter() },
    };

    /// <summary>What to draw.</summary>
    [JsonIgnore]
    public Recipe Recipe { get; init; } = Presets.Get(PretrainDefaults.Preset);

    /// <summary>Shape of what the network is given, in voxels: a sample, or a window of one.</summary>
    public required VolumeShape Shape { get; init; }

    /// <summary>Shape of the samples where the network is given windows of them, at a random place each; null: it is given whole ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VolumeShape? Field { get; init; }

    /// <summary>Folder or file of the label maps of a label-map recipe; null for other recipes.</summary>
    public string? Labels { get; init; }

    /// <summary>The network; its output channels are those of the objective.</summary>
    public required NetworkOptions Network { get; init; }

    /// <summary>Name of the objective, or a sum of some: "rasd+mae:0.5". Of images take <see cref="PretrainDefaults.Objective"/>, as the tool does.</summary>
    public string Objective { get; init; } = PretrainDefaults.Objective(3);

    /// <summary>Whether labels are numbered by the rank of their mean intensity in each sample, which makes exchangeable ones learnable.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RankLabels { get; init; }

    /// <summary>The objectives that <see cref="Objective"/> may name.</summary>
    [JsonIgnore]
    public ObjectiveCatalogue Objectives { get; init; } = ObjectiveCatalogue.Own;

    /// <summary>Items of a batch: samples, or what the objective takes several samples for.</summary>
    public int Batch { get; init; } = PretrainDefaults.Batch;

    /// <summary>Batches of a step, whose gradients are added.</summary>
    public int Accumulate { get; init; } = PretrainDefaults.Accumulate;

    /// <summary>Steps of the run.</summary>
    public long Steps { get; init; } = PretrainDefaults.Steps;

    /// <summary>Items that there are, which come again and again; null: every one is new. For those who ask what new ones are worth.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Distinct { get; init; }

    /// <summary>Seed of the samples, of the initial weights and of dropout.</summary>
    public ulong Seed { get; init; }

    /// <summary>"host", or a GPU of torch: "cuda:0".</summary>
    public string Device { get; init; } = "host";

    /// <summary>Where samples are made: "host", or a GPU: on <see cref="Device"/> itself nothing is copied.</summary>
    public string SynthesisDevice { get; init; } = "host";

    /// <summary>The full learning rate.</summary>
    public double LearningRate { get; init; } = PretrainDefaults.LearningRate;

    /// <summary>What follows the warm-up.</summary>
    public ScheduleKind Schedule { get; init; } = PretrainDefaults.Schedule;

    /// <summary>Steps of the warm-up.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = PretrainDefaults.WeightDecay;

    /// <summary>The longest gradient; 0: of any length.</summary>
    public double Clip { get; init; } = PretrainDefaults.Clip;

    /// <summary>What the network computes in.</summary>
    public Precision Precision { get; init; }

    /// <summary>Threads of torch and of the engine; the sums of a network depend on their number in the last bit.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Steps between checkpoints; the last step has one in any case.</summary>
    public long CheckpointEvery { get; init; } = PretrainDefaults.CheckpointEvery;

    /// <summary>Checkpoints that are kept.</summary>
    public int Keep { get; init; } = PretrainDefaults.Keep;

    /// <summary>Folder of labelled cases that the weights are probed on at some steps; null: none.</summary>
    public string? Probe { get; init; }

    /// <summary>The learning rate by step.</summary>
    [JsonIgnore]
    public LearningRateSchedule LearningRates => new(Schedule, LearningRate, WarmupSteps, Steps);

    /// <summary>Items of a step.</summary>
    [JsonIgnore]
    public long ItemsPerStep => (long)Batch * Accumulate;

    /// <summary>Refuses numbers that make no run.</summary>
    /// <exception cref="GpuSynthException">Names the setting, its value and what it may be.</exception>
    public void Check()
    {
        Require(Batch >= 1, "batch", Batch, "at least 1");
        Require(Accumulate >= 1, "accumulate", Accumulate, "at least 1");
        Require(Steps >= 1, "steps", Steps, "at least 1");
        Require(Distinct is null or >= 1, "number of distinct items", Distinct ?? 0, "at least 1");
        Require(LearningRate is > 0 and <= 1, "learning rate", LearningRate, "above 0 and at most 1");
        Require(WarmupSteps >= 0, "warm-up", WarmupSteps, "0 steps or more");
        Require(WeightDecay is >= 0 and < 1, "weight decay", WeightDecay, "0 to 1");
        Require(Clip is >= 0 and < double.PositiveInfinity, "clip", Clip, "0 (off) or more");
        Require(Threads >= 1, "number of threads", Threads, "at least 1");
        Require(CheckpointEvery >= 1, "interval of checkpoints", CheckpointEvery, "at least 1 step");
        Require(Keep >= 1, "number of checkpoints to keep", Keep, "at least 1");
        if (Field is { } field && (field.Dimensions != Shape.Dimensions || field.Depth < Shape.Depth || field.Height < Shape.Height || field.Width < Shape.Width))
        {
            throw new GpuSynthException($"A sample of {field} has no window of {Shape}; take a larger field (--field) or a smaller window (--size).");
        }

        Network.Validate();
        if (Network.Dimensions != Recipe.Dimensions)
        {
            throw new GpuSynthException(
                $"Recipe {Recipe.Name} makes samples of {Recipe.Dimensions} dimensions, "
                + $"and the network takes {Network.Dimensions}; choose another of the two.");
        }

        using Objective objective = CreateObjective();
        if (RankLabels && !objective.NamesLabels)
        {
            throw new GpuSynthException(
                $"Objective {Objective} names no labels, so that there are none to rank; leave out --rank-labels, or take segment or multitask.");
        }
    }

    /// <summary>The objective, without its parts.</summary>
    /// <exception cref="GpuSynthException">There is none of that name, or it refuses recipe or network.</exception>
    internal Objective CreateObjective() => Objectives.Create(Objective, new ObjectiveContext
    {
        Name = Objective,
        Recipe = Recipe,
        Shape = Shape,
        Network = Network,
        RankLabels = RankLabels,
    });

    /// <summary>The settings as JSON, without the recipe.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is not such JSON.</exception>
    public static PretrainOptions FromJson(string json, Recipe recipe) =>
        JsonSerializer.Deserialize<PretrainOptions>(json, Json)! with { Recipe = recipe };

    private static void Require(bool holds, string name, IFormattable value, string allowed)
    {
        if (!holds)
        {
            string text = value.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
            throw new GpuSynthException($"A {name} of {text} cannot be; it is {allowed}.");
        }
    }

    private sealed class ShapeConverter : JsonConverter<VolumeShape>
    {
        public override VolumeShape Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            string[] parts = (reader.GetString() ?? string.Empty).Split('x');
            int[] axes = [.. parts.Select(static part => int.TryParse(part, out int axis) && axis > 0 ? axis : 0)];
            return axes switch
            {
                [> 0, > 0] => VolumeShape.Image(axes[0], axes[1]),
                [> 0, > 0, > 0] => VolumeShape.Volume(axes[0], axes[1], axes[2]),
                _ => throw new JsonException("a shape is written as 48x48x48"),
            };
        }

        public override void Write(Utf8JsonWriter writer, VolumeShape value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
