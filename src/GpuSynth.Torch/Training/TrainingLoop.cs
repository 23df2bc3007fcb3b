using System.Diagnostics;
using GpuSynth.IO;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Reports;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// Pre-training without files: network, objective, optimiser and the ring of samples. Everything that a step depends on is the
/// number of the step, the weights and the optimiser's memory; <see cref="Capture"/> hands out all of it.
/// </summary>
internal sealed class TrainingLoop : IDisposable
{
    // The norm of gradients that are not clipped is still measured.
    private const double NoClip = 1e30;

    // Where the processor's cache is large the runtime lets hundreds of megabytes of short-lived objects gather before it looks
    // at them; a step's few kilobytes would look like a leak for hours. Looking often costs a millisecond.
    private const long StepsPerCollection = 100;

    private readonly PretrainOptions options;
    private readonly LearningRateSchedule rates;
    private readonly Objective objective;
    private readonly ViewSource source;
    private readonly TrainedNetwork network;
    private readonly ClippedAdamW optimiser;
    private readonly string[] parameterNames;

    /// <summary>A loop at step 0, or where a checkpoint is.</summary>
    /// <param name="options">What to train; its network's output channels are set by the objective.</param>
    /// <param name="checkpoint">Where to go on; null: at the beginning.</param>
    /// <exception cref="GpuSynthException">The settings do not fit each other, or the checkpoint does not fit them.</exception>
    public TrainingLoop(PretrainOptions options, CheckpointFile? checkpoint = null)
    {
        options.Check();
        Device device = TrainingParts.DeviceOf(options.Device);
        objective = options.CreateObjective();
        source = new ViewSource(options, objective.Views, device);
        LabelCount = source.Plan.LabelCount;
        Notices = source.Plan.Options.LabelMaps?.Notices;
        this.options = options = options with { Network = TrainingParts.NetworkOf(options.Network, objective, LabelCount) };
        rates = options.LearningRates;
        set_num_threads(options.Threads);
        TorchSettings.Apply();
        random.manual_seed(unchecked((long)options.Seed));
        network = new TrainedNetwork(options.Network, options.Precision, device);
        network.Weights.CheckShape(options.Shape);
        objective.Begin(network.Weights, LabelCount);
        objective.Parts?.to(device);
        (string name, Parameter parameter)[] ofParts =
            [.. objective.Parts?.named_parameters().Where(static pair => pair.parameter.requires_grad) ?? []];
        parameterNames =
        [
            .. network.Weights.named_parameters().Select(static pair => pair.name),
            .. ofParts.Select(static pair => CheckpointFile.PartsPrefix + pair.name),
        ];
        optimiser = new ClippedAdamW(
            parameterNames.Zip(network.Parameters.Concat(ofParts.Select(static pair => pair.parameter))), rates.RateOf(0), options.WeightDecay);
        if (checkpoint is not null)
        {
            Restore(checkpoint);
        }

        source.Open();
    }

    /// <summary>Steps that were done.</summary>
    public long Step { get; private set; }

    /// <summary>What a user has to know of the label maps; null where there are none.</summary>
    public Notices? Notices { get; }

    /// <summary>Labels of the recipe.</summary>
    public int LabelCount { get; }

    /// <summary>The float32 network.</summary>
    public SegmentationNetwork Network => network.Weights;

    /// <summary>The settings, with the network as it is built.</summary>
    public PretrainOptions Options => options;

    /// <summary>The first batch of a step, while the step looks at it: for pictures.</summary>
    public Action<TensorBatch>? BatchSeen { get; set; }

    /// <summary>Copies of a batch through the host's memory; once there was a step.</summary>
    public int HostCopiesPerBatch => source.HostCopiesPerBatch;

    /// <summary>Samples of a step: every item has one for each of the objective's views that the run's recipe makes.</summary>
    public long SamplesPerStep => options.ItemsPerStep * objective.SampleCount;

    /// <summary>What the loss means.</summary>
    public ObjectiveBounds Bounds => objective.Bounds;

    /// <summary>One step: forward, loss, backward, clip, update.</summary>
    /// <returns>What was measured.</returns>
    /// <exception cref="NonFiniteLossException">The loss or the gradient is not finite; nothing was updated.</exception>
    public MetricsRow DoStep()
    {
        long start = Stopwatch.GetTimestamp();
        // Begun with the first step: until then the network's memory may still fail.
        source.Start(Step * options.ItemsPerStep);
        TimeSpan waitedBefore = source.Waited;
        using DisposeScope scope = NewDisposeScope();
        var parts = new Dictionary<string, double> { [MetricsRow.Loss] = 0 };
        random.manual_seed(SeedOf(Step));
        optimiser.ZeroGradients();
        for (int n = 0; n < options.Accumulate; n++)
        {
            AddGradients(parts);
        }

        double norm = optimiser.Clip(options.Clip > 0 ? options.Clip : NoClip);
        if (!double.IsFinite(norm))
        {
            throw new NonFiniteLossException(
                Step + 1, "gradient", norm, Step * options.ItemsPerStep, options.ItemsPerStep, options.Seed);
        }

        double rate = rates.RateOf(Step);
        optimiser.Step(rate);
        network.CopyToWorking();
        objective.AfterStep();
        Step++;
        if (Step % StepsPerCollection == 0)
        {
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var row = new MetricsRow(Step);
        foreach ((string name, double value) in parts)
        {
            row[name] = value;
        }

        row[MetricsRow.LearningRate] = rate;
        row[MetricsRow.GradientNorm] = norm;
        row[MetricsRow.VolumesPerSecond] = SamplesPerStep / seconds;
        row[MetricsRow.WaitShare] = (source.Waited - waitedBefore).TotalSeconds / seconds;
        row[MetricsRow.Seconds] = seconds;
        return row;
    }

    /// <summary>
    /// Shows samples that were not trained on, with the network's output for them. Nothing that the next step depends on changes.
    /// </summary>
    /// <param name="most">At most this many samples.</param>
    /// <param name="look">Gets images [n, 1, (D,) H, W], labels [n, (D,) H, W] and outputs [n, C, (D,) H, W].</param>
    public void ShowUnseen(int most, Action<Tensor, Tensor, Tensor> look)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        network.CollectBuffers();
        source.Start(Step * options.ItemsPerStep);
        ViewBatch views = source.Acquire();
        TensorBatch batch = views.Shown;
        int samples = Math.Min(most, options.Batch);
        Tensor images = batch.Image.narrow(0, 0, samples);
        network.Weights.eval();
        try
        {
            look(images, batch.Label.narrow(0, 0, samples), network.Weights.call(InputScale.ZScore(images)));
        }
        finally
        {
            network.Weights.train();
            source.Release(views);
            // The next step's samples begin where they would have begun.
            source.Stop();
        }
    }

    /// <summary>Shows the float32 network in eval mode. Nothing that the next step depends on changes.</summary>
    public void ShowFrozen(Action<SegmentationNetwork> look)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        network.CollectBuffers();
        network.Weights.eval();
        try
        {
            look(network.Weights);
        }
        finally
        {
            network.Weights.train();
        }
    }

    /// <summary>All that the next step depends on; the tensors stay the loop's, and are valid until the next step.</summary>
    public List<(string Name, Tensor Tensor)> Capture()
    {
        network.CollectBuffers();
        return
        [
            .. Weights.State(network.Weights).Select(static pair => (CheckpointFile.NetworkPrefix + pair.Name, pair.Tensor)),
            .. objective.Parts is { } parts
                ? Weights.State(parts).Select(static pair => (CheckpointFile.PartsPrefix + pair.Name, pair.Tensor))
                : [],
            .. AdamWState.Save(optimiser.States, parameterNames),
        ];
    }

    /// <summary>What a checkpoint of now says about itself.</summary>
    public CheckpointMetadata Metadata(string recipeSha256) => new()
    {
        Step = Step,
        NextSample = Step * options.ItemsPerStep,
        Network = options.Network,
        RecipeName = options.Recipe.Name,
        RecipeSha256 = recipeSha256,
        Seed = options.Seed,
        Objective = options.Objective,
    };

    public void Dispose()
    {
        source?.Dispose();
        optimiser?.Dispose();
        objective?.Dispose();
        network?.Dispose();
    }

    // Randomness is a function of the step, never a state: a resumed step draws the same dropout on any device.
    private long SeedOf(long step) => unchecked((long)(options.Seed + ((ulong)(step + 1) * 0x9E3779B97F4A7C15UL)));

    private void AddGradients(Dictionary<string, double> parts)
    {
        using DisposeScope scope = NewDisposeScope();
        ViewBatch views = source.Acquire();
        BatchSeen?.Invoke(views.Shown);
        ObjectiveValue value = objective.Backward(new ObjectiveStep(network.Working, network.Type, views.Tensors)
        {
            FirstItem = views.FirstItem, Seed = options.Seed, LabelCount = LabelCount, Scale = 1.0 / options.Accumulate,
        });
        network.CollectGradients();
        source.Release(views);
        if (!double.IsFinite(value.Loss))
        {
            throw new NonFiniteLossException(Step + 1, "loss", value.Loss, views.FirstItem, options.Batch, options.Seed);
        }

        parts[MetricsRow.Loss] += value.Loss / options.Accumulate;
        foreach ((string name, double part) in value.Parts)
        {
            parts[name] = parts.GetValueOrDefault(name) + (part / options.Accumulate);
        }
    }

    private void Restore(CheckpointFile checkpoint)
    {
        CheckpointMetadata metadata = checkpoint.Metadata;
        Weights.LoadStrict(network.Weights, checkpoint.NetworkTensors, $"checkpoint of step {metadata.Step}");
        if (objective.Parts is { } parts)
        {
            Weights.LoadStrict(parts, checkpoint.PartsTensors, $"checkpoint of step {metadata.Step}");
        }

        AdamWState.Load(optimiser.States, parameterNames, checkpoint);
        network.CopyToWorking();
        network.RestoreBuffers();
        Step = metadata.Step;
        if (metadata.NextSample != Step * options.ItemsPerStep)
        {
            throw new CheckpointException(
                $"The checkpoint of step {Step} goes on at sample {metadata.NextSample}, "
                + $"but this run's batches at {Step * options.ItemsPerStep}; resume with the settings that it began with.");
        }
    }
}
