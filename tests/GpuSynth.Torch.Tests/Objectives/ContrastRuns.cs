using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Tiny runs and single steps of objectives that look at two appearances.</summary>
internal static class ContrastRuns
{
    /// <summary>The losses of the steps of a run.</summary>
    public static double[] Losses(PretrainOptions options)
    {
        using var loop = new TrainingLoop(options);
        return [.. Enumerable.Range(0, (int)options.Steps).Select(_ => loop.DoStep()[MetricsRow.Loss])];
    }

    /// <summary>The first steps' losses in bfloat16 on the host are nearly those in float32, and again to the bit.</summary>
    public static void AssertNearlyTheSameInBfloat16(PretrainOptions options, double percent)
    {
        PretrainOptions exact = options with
        {
            Steps = 3, WarmupSteps = 0, Network = options.Network with { Channels = [16, 32], Strides = [2], Dropout = 0 },
        };
        double[] expected = Losses(exact), losses = Losses(exact with { Precision = Precision.Bf16 });
        Assert.That(losses, Is.EqualTo(expected).Within(percent).Percent);
        Assert.That(losses, Is.Not.EqualTo(expected));
        Assert.That(Losses(exact with { Precision = Precision.Bf16 }), Is.EqualTo(losses));
    }

    /// <summary>A step with tensors of one's own as the two appearances.</summary>
    /// <param name="network">The network.</param>
    /// <param name="labels">uint8 [B, (D,) H, W].</param>
    /// <param name="first">[B, 1, (D,) H, W].</param>
    /// <param name="second">[B, 1, (D,) H, W].</param>
    /// <param name="firstItem">Number of the first item.</param>
    public static ObjectiveStep Step(SegmentationNetwork network, Tensor labels, Tensor first, Tensor second, long firstItem = 6) => new(
        network, ScalarType.Float32,
        new Dictionary<ObjectiveView, ViewTensors>
        {
            [ObjectiveView.FirstAppearance] = new(first, labels, default),
            [ObjectiveView.SecondAppearance] = new(second, labels, default),
        })
    {
        FirstItem = firstItem, Seed = 5, LabelCount = 3,
    };

    /// <summary>The gradients of a network and of parts, one behind the other, set to zero afterwards.</summary>
    public static Tensor TakeGradients(params nn.Module[] modules)
    {
        List<Tensor> all = [];
        foreach (Tensor weight in modules.SelectMany(static module => module.parameters()))
        {
            if (weight.grad is { } gradient)
            {
                all.Add(gradient.clone().reshape(-1));
                gradient.zero_();
            }
        }

        return cat(all);
    }

    /// <summary>The largest difference of two tensors as a share of the largest value of the first.</summary>
    public static double Difference(Tensor expected, Tensor given) =>
        (expected - given).abs().max().item<float>() / expected.abs().max().item<float>();
}
