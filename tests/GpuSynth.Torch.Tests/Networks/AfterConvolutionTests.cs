using GpuSynth.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>Norm, dropout and activation as one operator, against torch's operators in double.</summary>
public sealed class AfterConvolutionTests
{
    [Test]
    public void ValuesAndGradientsAreTorchs(
        [Values("instance", "batch")] string norm, [Values("prelu", "relu")] string activation, [Values(2, 3)] int dimensions,
        [Values(3, 4, 16, 24, 96)] int channels, [Values] bool isSum)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(3);
        using AfterConvolution fused = Create(norm, activation, dimensions, channels);
        using AfterConvolution plain = Create(norm, activation, dimensions, channels);
        plain.load_state_dict(fused.state_dict());
        plain.to(ScalarType.Float64);
        long[] shape = dimensions == 2 ? [3, channels, 12, 20] : [3, channels, 4, 6, 10];
        Tensor x = Input(shape, 3), added = Input(shape, 1), g = ChannelsLast.Of(randn(shape));
        Tensor given = x.detach().requires_grad_(), sum = added.detach().requires_grad_();
        Tensor y = fused.Join(given, bias: null, isSum ? sum : null);
        y.backward([g]);
        Tensor exact = x.to_type(ScalarType.Float64).detach().requires_grad_();
        Tensor expected = plain.call(exact);
        expected = isSum ? expected + added.to_type(ScalarType.Float64) : expected;
        expected.backward([g.to_type(ScalarType.Float64)]);
        Assert.That(y.stride(), Is.EqualTo(x.stride()));
        AssertClose(y, expected, 4e-6);
        AssertClose(given.grad!, exact.grad!, 4e-6);
        foreach ((Parameter one, Parameter other) in fused.parameters().Zip(plain.parameters()))
        {
            AssertClose(one.grad!, other.grad!, 4e-6);
        }

        foreach ((Tensor one, Tensor other) in fused.buffers().Zip(plain.buffers()))
        {
            AssertClose(one, other, 1e-6);
        }

        Assert.That(!isSum || sum.grad!.eq(g).all().item<bool>());
    }

    [Test]
    public void ABiasBeforeTheNormChangesTheRunningMeanAlone([Values("instance", "batch")] string norm)
    {
        using DisposeScope scope = NewDisposeScope();
        using AfterConvolution fused = Create(norm, "relu", 2, 16), plain = Create(norm, "relu", 2, 16);
        Tensor x = Input([2, 16, 8, 8], 1), bias = randn(16).requires_grad_();
        plain.load_state_dict(fused.state_dict());
        Tensor y = fused.Join(x.clone().requires_grad_(), bias, added: null);
        AssertClose(y, plain.call(x + bias.view(1, 16, 1, 1)), 1e-5);
        y.sum().backward();
        Assert.That(bias.grad!.abs().max().item<float>(), Is.Zero);
        foreach ((Tensor one, Tensor other) in fused.buffers().Zip(plain.buffers()))
        {
            AssertClose(one, other, 1e-6);
        }
    }

    [Test]
    public void BrainFloatsAreReadAndWritten([Values("instance", "batch")] string norm)
    {
        using DisposeScope scope = NewDisposeScope();
        using AfterConvolution fused = Create(norm, "prelu", 3, 16), plain = Create(norm, "prelu", 3, 16);
        fused.to(ScalarType.BFloat16);
        plain.load_state_dict(fused.state_dict());
        Tensor x = Input([2, 16, 4, 8, 8], 2).to_type(ScalarType.BFloat16);
        Tensor g = randn([2, 16, 4, 8, 8]).to_type(ScalarType.BFloat16);
        Tensor given = x.detach().requires_grad_(), exact = x.to_type(ScalarType.Float32).detach().requires_grad_();
        Tensor y = fused.Join(given, bias: null, added: null), expected = plain.call(exact);
        y.backward([g]);
        expected.backward([g.to_type(ScalarType.Float32)]);
        Assert.That(y.dtype, Is.EqualTo(ScalarType.BFloat16));
        AssertClose(y, expected, 1.0 / 256);
        AssertClose(given.grad!, exact.grad!, 1.0 / 200);
    }

    [Test]
    public void DropoutKeepsItsShare_ScalesWhatItKeeps_AndSoDoesItsGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using var after = new AfterConvolution(
            new NetworkOptions { Dimensions = 3, Norm = "instance", Activation = "prelu", Dropout = 0.2 }, 16);
        long[] shape = [2, 16, 20, 20, 20];
        Tensor x = Input(shape, 1);
        random.manual_seed(5);
        Tensor y = after.Join(x, null, null);
        random.manual_seed(5);
        Tensor given = x.detach().requires_grad_();
        Tensor again = after.Join(given, null, null);
        Assert.That(again.eq(y).all().item<bool>(), "a seed means a mask");
        Assert.That(after.Join(x, null, null).eq(y).all().item<bool>(), Is.False, "the next step draws another");
        after.eval();
        Tensor whole = after.call(x);
        Tensor kept = y.ne(0);

        // n = 256,000 values: the share's standard deviation is 0.0008; five of them.
        Assert.That(1 - kept.to_type(ScalarType.Float64).mean().item<double>(), Is.EqualTo(0.2).Within(0.004));
        AssertClose(y, whole * kept / 0.8, 2e-5);

        // The sum's gradient is that of the kept values alone: the same as with a mask by hand.
        again.square().sum().backward();
        Tensor exact = x.to_type(ScalarType.Float64).detach().requires_grad_();
        after.to(ScalarType.Float64);
        (after.call(exact) * kept / 0.8).square().sum().backward();
        AssertClose(given.grad!, exact.grad!, 1e-4);
    }

    [Test]
    public void AConstantChannelIsFinite()
    {
        using DisposeScope scope = NewDisposeScope();
        using AfterConvolution fused = Create("instance", "prelu", 2, 16);
        Tensor x = ChannelsLast.Of(full([1, 16, 8, 8], 1e3f)).detach().requires_grad_();
        Tensor y = fused.Join(x, null, null);
        y.sum().backward();
        Assert.That(y.abs().max().item<float>(), Is.LessThan(1e-1f));
        Assert.That(x.grad!.isfinite().all().item<bool>());
    }

    // The whole network: what leaves a bias out, adds in place and computes in rows has the gradients of torch's own operators.
    [Test]
    public void ANetworksGradientsAreThoseOfDouble([Values(2, 3)] int dimensions)
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkOptions options = dimensions == 2
            ? NetworkOptions.RasdUNet2D with
            {
                Channels = [16, 32, 32], Strides = [2, 2], ResidualUnits = 2, Dropout = 0, OutChannels = 5,
            }
            : NetworkOptions.SmallUNet3D with { Channels = [16, 16, 32], Strides = [2, 2], OutChannels = 16 };
        // Of this seed no value is within a rounding of an activation's kink, where the two would part.
        random.manual_seed(1);
        using SegmentationNetwork fused = NetworkFactory.Create(options), exact = NetworkFactory.Create(options);
        exact.load_state_dict(fused.state_dict());
        exact.to(ScalarType.Float64);
        long[] shape = dimensions == 2 ? [3, 1, 32, 16] : [2, 1, 16, 8, 24];
        Tensor image = randn(shape), y = fused.call(image), expected = exact.call(image.to_type(ScalarType.Float64));
        AssertClose(y, expected, 1e-5);
        y.square().mean().backward();
        expected.square().mean().backward();
        foreach (((string name, Parameter one), (_, Parameter other)) in fused.named_parameters().Zip(exact.named_parameters()))
        {
            double size = other.grad!.norm().item<double>();
            double off = (one.grad!.to_type(ScalarType.Float64) - other.grad!).norm().item<double>();
            Assert.That(off, Is.LessThan((2e-4 * size) + 1e-9), name);
        }
    }

    private static AfterConvolution Create(string norm, string activation, int dimensions, int channels)
    {
        var after = new AfterConvolution(
            new NetworkOptions { Dimensions = dimensions, Norm = norm, Activation = activation, Dropout = 0 }, channels);
        using var unrecorded = no_grad();
        foreach (Parameter parameter in after.parameters().Where(static p => p.numel() > 1))
        {
            parameter.add_(randn_like(parameter), 0.3);
        }

        return after;
    }

    // Channels of different means, far from zero.
    private static Tensor Input(long[] shape, double offset)
    {
        using var unrecorded = no_grad();
        long[] perChannel = [1, shape[1], .. shape.Skip(2).Select(static _ => 1L)];
        return ChannelsLast.Of(randn(shape) * 1.5 + (randn(perChannel) * offset)).clone();
    }

    private static void AssertClose(Tensor value, Tensor expected, double share)
    {
        Tensor wide = expected.to_type(ScalarType.Float64);
        double off = (value.to_type(ScalarType.Float64) - wide).abs().max().item<double>();
        Assert.That(off, Is.LessThanOrEqualTo(share * Math.Max(wide.abs().max().item<double>(), 1e-3)));
    }
}
