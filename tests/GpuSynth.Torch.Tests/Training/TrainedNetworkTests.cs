using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>bfloat16 with float32 weights behind it.</summary>
[CancelAfter(60_000)]
public sealed class TrainedNetworkTests
{
    private static NetworkOptions Options => TinyRun.Options.Network with { Dropout = 0 };

    [Test]
    public void TheCopyInBfloat16ComputesTheSame_AndItsGradientsReachTheFloat32Weights()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(1);
        using var exact = new TrainedNetwork(Options, Precision.Fp32, CPU);
        using var mixed = new TrainedNetwork(Options, Precision.Bf16, CPU);
        Weights.LoadMatching(mixed.Weights, Weights.State(exact.Weights).ToDictionary(static pair => pair.Name, static pair => pair.Tensor));
        mixed.CopyToWorking();
        Tensor image = rand([2, 1, 8, 8, 8]);
        Tensor expected = exact.Forward(image), output = mixed.Forward(image);
        Assert.That(output.dtype, Is.EqualTo(ScalarType.BFloat16));
        Assert.That((output.to_type(ScalarType.Float32) - expected).abs().max().item<float>(), Is.LessThan(0.15f));
        expected.square().mean().backward();
        output.to_type(ScalarType.Float32).square().mean().backward();
        mixed.CollectGradients();
        mixed.CollectGradients();
        for (int n = 0; n < exact.Parameters.Count; n++)
        {
            Tensor right = exact.Parameters[n].grad!, got = mixed.Parameters[n].grad!;
            Assert.That(got.dtype, Is.EqualTo(ScalarType.Float32));
            Assert.That((got - right).norm().item<float>(), Is.LessThan(0.15f * right.norm().item<float>() + 1e-3f));
        }
    }

    [Test]
    public void ARunInBfloat16ResumesToTheBit()
    {
        using var folder = new TinyRun();
        PretrainOptions options = TinyRun.Options with { Precision = Precision.Bf16, Steps = 4 };
        string[] whole = folder.TrainWhole(options, "whole");
        using (PretrainRun run = PretrainRun.Begin(folder["parts"], options, "x"))
        {
            TinyRun.Train(run, 3);
        }

        using (PretrainRun run = PretrainRun.Resume(folder["parts"], null, Assert.Fail))
        {
            TinyRun.Train(run);
        }

        Assert.That(TinyRun.Losses(folder["parts"]), Is.EqualTo(whole));
    }
}
