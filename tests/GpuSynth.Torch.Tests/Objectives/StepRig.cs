using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>A tiny network, and steps of tensors that a test has made.</summary>
internal sealed class StepRig : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public StepRig(Objective objective, int labelCount = 3)
    {
        random.manual_seed(5);
        Objective = objective;
        LabelCount = labelCount;
        Network = NetworkFactory.Create(
            TinyRun.Options.Network with { Dropout = 0, OutChannels = objective.OutputChannels(labelCount) ?? TinyRun.Options.Network.OutChannels });
        objective.Begin(Network, labelCount);
    }

    public Objective Objective { get; }

    public SegmentationNetwork Network { get; }

    public int LabelCount { get; }

    /// <summary>A parameter of the heads.</summary>
    public Tensor Part(string name) => Objective.Parts!.named_parameters().Single(pair => pair.name == name).parameter;

    /// <summary>A step of images and labels, the same labels for all views.</summary>
    public ObjectiveStep Step(
        IReadOnlyDictionary<ObjectiveView, Tensor> images, Tensor? labels = null, long firstItem = 0, double scale = 1) => new(
        Network,
        ScalarType.Float32,
        images.ToDictionary(
            static pair => pair.Key,
            pair => new ViewTensors(pair.Value, labels ?? zeros([pair.Value.shape[0], .. pair.Value.shape.AsSpan(2)], ScalarType.Byte), default)))
    {
        FirstItem = firstItem, Seed = 3, LabelCount = LabelCount, Scale = scale,
    };

    /// <summary>The loss of a step, the gradients anew.</summary>
    public ObjectiveValue Backward(ObjectiveStep step)
    {
        Network.zero_grad();
        Objective.Parts?.zero_grad();
        return Objective.Backward(step);
    }

    /// <summary>A run of small images, long enough to learn something in seconds.</summary>
    public static PretrainOptions Images(string objective) => TinyRun.For(objective) with
    {
        Recipe = Presets.Get("rasd-2d"),
        Shape = VolumeShape.Image(48, 48),
        Network = TinyRun.Options.Network with { Dimensions = 2, Channels = [8, 16, 32], Strides = [2, 2], Dropout = 0 },
        Batch = 4,
        Accumulate = 1,
    };

    /// <summary>Mean losses of the first and of the last ten steps of a run.</summary>
    public static (double First, double Last) Trained(PretrainOptions options, int steps)
    {
        using var loop = new TrainingLoop(options with { Steps = steps, Schedule = ScheduleKind.Constant, LearningRate = 3e-3 });
        double[] losses = [.. Enumerable.Range(0, steps).Select(_ => loop.DoStep()[MetricsRow.Loss])];
        (double first, double last) = (losses[..10].Average(), losses[^10..].Average());
        TestContext.Out.WriteLine($"{options.Objective}: step 1 {losses[0]:f4}, first ten {first:f4}, last ten {last:f4}");
        return (first, last);
    }

    public void Dispose()
    {
        Objective.Dispose();
        Network.Dispose();
        scope.Dispose();
    }
}
