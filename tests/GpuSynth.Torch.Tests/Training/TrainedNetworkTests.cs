using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>bfloat16 with float32 weights behind it.</summary>
[CancelAfter(60_000)]
public sealed class TrainedNetworkTests
{
    [Test]
    public void TheCopyInBfloat16ComputesTheSame_AndItsGradientsReachTheFloat32Weights()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(1);
        using var exact = new TrainedNetwork(static () => new Plain(), Precision.Fp32, CPU);
        using var mixed = new TrainedNetwork(static () => new Plain(), Precision.Bf16, CPU);
        Weights.LoadMatching(
            mixed.Weights, Weights.State(exact.Weights).ToDictionary(static pair => pair.Name, static pair => pair.Tensor));
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
    public void GradientsOfSeveralBatchesAreAddedInFloat32()
    {
        using DisposeScope scope = NewDisposeScope();
        using var mixed = new TrainedNetwork(static () => new Plain(), Precision.Bf16, CPU);
        Tensor image = rand([1, 1, 4, 4, 4]);
        float[] norms = new float[3];
        for (int n = 0; n < norms.Length; n++)
        {
            mixed.Forward(image).to_type(ScalarType.Float32).sum().backward();
            mixed.CollectGradients();
            norms[n] = mixed.Parameters[0].grad!.norm().item<float>();
        }

        Assert.That(norms[1], Is.EqualTo(2 * norms[0]).Within(1e-5f * norms[1]));
        Assert.That(norms[2], Is.EqualTo(3 * norms[0]).Within(1e-5f * norms[2]));
    }

    private sealed class Plain : SegmentationNetwork
    {
        private readonly nn.Module<Tensor, Tensor> layers;

        public Plain()
            : base("Plain", new NetworkOptions())
        {
            layers = nn.Sequential(
                ("first", nn.Conv3d(1, 4, 3, padding: 1)), ("second", nn.ReLU()), ("third", nn.Conv3d(4, 3, 3, padding: 1)));
            register_module("layers", layers);
        }

        public override int SideMultiple => 1;

        public override IReadOnlyList<string> HeadNames => [];

        public override IReadOnlyList<FeatureMap> FeatureMaps(Tensor input, bool encoderOnly = false) => [];

        public override Tensor forward(Tensor input) => layers.call(input);
    }
}
