using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>The host's sweeps over features that heads are given, against torch's operators.</summary>
[NonParallelizable]
public sealed class UnitHeadPassTests
{
    // More than one chunk, sides that fill no vector, fewer voxels than a vector has lanes; channels by four and not.
    private static readonly long[][] Spaces = [[67, 71], [1, 5], [17, 13, 21], [2, 3, 2]];

    [Test]
    public void OutputsAndGradientsAreThoseOfOperators(
        [ValueSource(nameof(Spaces))] long[] space, [Values] bool isChannelsLast, [Values(3, 16, 21)] int channels, [Values] bool isBFloat16)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(4);
        using var heads = new VoxelHeads(TinyRun.Options.Network with { OutChannels = channels }, ("one", 1), ("three", 3));
        Tensor values = randn([2, channels, .. space]);
        values.reshape(2, channels, -1)[0, .., 1] = zeros(channels);
        values = values.to_type(isBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32);
        Tensor exact = values.to_type(ScalarType.Float32).requires_grad_();
        Tensor ours = (isChannelsLast ? ChannelsLast.Of(values) : values.clone()).detach().requires_grad_();
        Tensor[] expected = heads.OfUnit(exact);
        Tensor[] slopes = [.. expected.Select(static one => randn(one.shape))];
        autograd.backward(expected, slopes);
        Tensor[] known = [.. heads.parameters().Select(static one => one.grad!.clone())];
        heads.zero_grad();

        var pass = new UnitHeadPass(heads, ours);
        autograd.backward(pass.Outputs, slopes);
        pass.Backward();
        Assert.That(ours.grad!.dtype, Is.EqualTo(values.dtype));
        Assert.Multiple(() =>
        {
            Assert.That(pass.Outputs.Zip(expected, static (a, b) => Off(a, b)), Is.All.LessThan(1e-5));
            Assert.That(heads.parameters().Zip(known, static (a, b) => Off(a.grad!, b)), Is.All.LessThan(1e-5));

            // Of the voxel without features slopes are 1e12 times as large: both are the same there, and judged by themselves.
            Tensor gradient = ours.grad!.to_type(ScalarType.Float32).reshape(2, channels, -1), other = exact.grad!.reshape(2, channels, -1);
            double step = isBFloat16 ? 1.0 / 256 : 1e-5;
            Assert.That(Off(gradient[0, .., 1], other[0, .., 1]), Is.LessThan(step));
            gradient[0, .., 1] = zeros(channels);
            other[0, .., 1] = zeros(channels);
            Assert.That(Off(gradient, other), Is.LessThan(step));
        });

        static double Off(Tensor a, Tensor b) => (a.detach() - b.detach()).abs().max().item<float>() / Math.Max(1e-30, b.detach().abs().max().item<float>());
    }

    [Test]
    public void GradientsAreAdded_AndThreadsChangeNoBit()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(5);
        using var heads = new VoxelHeads(TinyRun.Options.Network with { OutChannels = 8 }, ("two", 2));
        Tensor values = randn([3, 8, 40, 50]), slope = randn([3, 2, 40, 50]);
        int before = get_num_threads();
        try
        {
            Tensor[][] results = [.. new[] { 1, 3 }.Select(threads =>
            {
                set_num_threads(threads);
                Tensor leaf = values.clone().requires_grad_();
                heads.zero_grad();
                for (int n = 0; n < 2; n++)
                {
                    var pass = new UnitHeadPass(heads, leaf);
                    autograd.backward(pass.Outputs, [slope]);
                    pass.Backward();
                }

                return (Tensor[])[leaf.grad!.clone(), .. heads.parameters().Select(static one => one.grad!.clone())];
            })];
            Assert.That(results[0].Zip(results[1], static (a, b) => a.equal(b).all().item<bool>()), Is.All.True);
            var once = new UnitHeadPass(heads, values.clone().requires_grad_());
            heads.zero_grad();
            autograd.backward(once.Outputs, [slope]);
            once.Backward();
            Tensor twice = heads.parameters().First().grad!.mul(2);
            Assert.That((results[0][1] - twice).abs().max().item<float>(), Is.LessThan(1e-3));
        }
        finally
        {
            set_num_threads(before);
        }
    }
}
