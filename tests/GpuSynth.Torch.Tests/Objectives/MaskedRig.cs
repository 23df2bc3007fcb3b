using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Small networks, steps with tensors of one's own, and tiny runs, for objectives that hide parts of images.</summary>
internal static class MaskedRig
{
    public const ulong Seed = 5;

    /// <summary>A U-Net of two poolings.</summary>
    public static NetworkOptions UNet(int dimensions, string norm = "instance", int units = 2) => new()
    {
        Dimensions = dimensions, Channels = [4, 16, 8], Strides = [2, 2], ResidualUnits = units, Norm = norm, OutChannels = 3,
        Activation = norm == "batch" ? "relu" : "prelu",
    };

    public static ObjectiveContext Context(string name, VolumeShape shape, NetworkOptions network) => new()
    {
        Name = name, Recipe = Presets.Get("rasd-3d"), Shape = shape, Network = network,
    };

    public static long[] Sides(VolumeShape shape) =>
        shape.Dimensions == 2 ? [shape.Height, shape.Width] : [shape.Depth, shape.Height, shape.Width];

    /// <summary>A step whose views are these images [B, 1, (D,) H, W].</summary>
    public static ObjectiveStep Step(SegmentationNetwork network, params (ObjectiveView View, Tensor Image)[] views) =>
        StepFrom(network, 0, Seed, views);

    public static ObjectiveStep StepFrom(
        SegmentationNetwork? network, long firstItem, ulong seed, params (ObjectiveView View, Tensor Image)[] views) => new(
        network!, network?.parameters().First().dtype ?? ScalarType.Float32,
        views.ToDictionary(static one => one.View, static one => new ViewTensors(one.Image, zeros([1]), default)))
    {
        FirstItem = firstItem, Seed = seed, LabelCount = 3,
    };

    /// <summary>The bits of a tensor's values, in array order.</summary>
    public static byte[] Bits(Tensor tensor) => tensor.detach().contiguous().bytes.ToArray();

    /// <summary>A tiny run of volumes or images, without dropout.</summary>
    public static PretrainOptions Options(string objective, int dimensions = 3) => TinyRun.Options with
    {
        Objective = objective,
        Recipe = Presets.Get($"rasd-{dimensions}d"),
        Shape = dimensions == 2 ? VolumeShape.Image(32, 16) : TinyRun.Options.Shape,
        Network = TinyRun.Options.Network with { Dimensions = dimensions, Dropout = 0 },
    };

    /// <summary>The mean losses of the first and the last steps of a short run.</summary>
    public static (double First, double Last) Falls(PretrainOptions options, int steps)
    {
        const int Mean = 10;
        using var loop = new TrainingLoop(options with { Steps = steps, LearningRate = 1e-2, Schedule = ScheduleKind.Constant });
        double[] losses = [.. Enumerable.Range(0, steps).Select(_ => loop.DoStep()["loss"])];
        (double first, double last) = (losses[..Mean].Average(), losses[^Mean..].Average());
        TestContext.Out.WriteLine($"{options.Objective}: {losses[0]:f3}, first {Mean} {first:f3}, last {last:f3}");
        return (first, last);
    }
}
