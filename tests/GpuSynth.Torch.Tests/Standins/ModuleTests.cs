using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Standins;

/// <summary>Modules name their parts, start as PyTorch's do, and AdamW steps as written down.</summary>
[TestFixture]
public sealed class ModuleTests
{
    private DisposeScope scope = null!;

    [SetUp]
    public void Open() => scope = NewDisposeScope();

    [TearDown]
    public void Close() => scope.Dispose();

    [Test]
    public void Names_FollowFieldsListsAndSequences()
    {
        using var block = new Block();
        Assert.That(block.named_parameters().Select(np => np.name), Is.EqualTo(new[]
        {
            "scale", "first.weight", "first.bias", "rest.0.weight", "rest.0.bias", "rest.1.act.weight", "rest.1.norm.weight",
            "rest.1.norm.bias",
        }));
        Assert.That(block.named_buffers().Select(nb => nb.name), Is.EqualTo(new[]
        {
            "offset", "rest.1.norm.running_mean", "rest.1.norm.running_var", "rest.1.norm.num_batches_tracked",
        }));
        Assert.That(block.state_dict(), Has.Count.EqualTo(12));
        Assert.That(block.parameters().Sum(p => p.numel()), Is.EqualTo(1 + (2 * 3) + 3 + (3 * 3) + 3 + 1 + 3 + 3));
        Assert.That(block.training);
        block.eval();
        Assert.That(block.modules().Select(m => m.training), Has.All.False);
        Assert.That(block.call(rand([4, 2])).shape, Is.EqualTo(new long[] { 4, 3 }));
    }

    [Test]
    public void To_ConvertsParametersAndBuffers_Once()
    {
        using var block = new Block();
        Parameter before = block.first.weight;
        block.to(float32);
        Assert.That(block.first.weight, Is.SameAs(before));
        block.to(float64);
        Assert.That(block.parameters().Select(p => p.dtype), Has.All.EqualTo(ScalarType.Float64));
        Assert.That(block.scale.dtype, Is.EqualTo(ScalarType.Float64));
        Assert.That(block.parameters().Select(p => p.requires_grad), Has.All.True);
        Assert.That(block.call(rand([4, 2], float64)).dtype, Is.EqualTo(ScalarType.Float64));
        Assert.That(() => block.to(int64), Throws.ArgumentException);
    }

    [Test]
    public void FirstValues_WithinPyTorchsBounds()
    {
        manual_seed(1);
        Conv3d conv = nn.Conv3d(4, 8, 3);
        double bound = 1 / Math.Sqrt(4 * 27);
        Assert.That(conv.weight.shape, Is.EqualTo(new long[] { 8, 4, 3, 3, 3 }));
        Assert.That(conv.weight.abs().max().item<float>(), Is.LessThanOrEqualTo(bound).And.GreaterThan(0.95 * bound));
        Assert.That(conv.bias!.abs().max().item<float>(), Is.LessThanOrEqualTo(bound));
        ConvTranspose3d up = nn.ConvTranspose3d(4, 8, 3, stride: 2, padding: 1, output_padding: 1);
        Assert.That(up.weight.shape, Is.EqualTo(new long[] { 4, 8, 3, 3, 3 }));
        Assert.That(up.weight.abs().max().item<float>(), Is.LessThanOrEqualTo(1 / Math.Sqrt(8 * 27)));
        Assert.That(up.call(rand([2, 4, 3, 3, 3])).shape, Is.EqualTo(new long[] { 2, 8, 6, 6, 6 }));
        Assert.That(nn.PReLU(1).weight.item<float>(), Is.EqualTo(0.25f));
    }

    [Test]
    public void Gradients_OfNetwork_MatchDifferences()
    {
        manual_seed(3);
        using Conv2d first = nn.Conv2d(1, 2, 3).to(float64), second = nn.Conv2d(2, 1, 1).to(float64);
        Tensor input = rand([2, 1, 4, 4], float64);
        Tensor Loss() => second.call(nn.functional.gelu(first.call(input))).pow(3).sum();
        Loss().backward();
        static Tensor Fifth(Tensor kernel) => kernel.view(-1).narrow(0, 4, 1);
        double analytic = Fifth(first.weight.grad!).item<double>();
        double Shifted(double by)
        {
            using IDisposable quiet = no_grad();
            Fifth(first.weight).add_(by);
            double value = Loss().item<double>();
            Fifth(first.weight).add_(-by);
            return value;
        }

        double numeric = (Shifted(1e-5) - Shifted(-1e-5)) / 2e-5;
        Assert.That(analytic, Is.EqualTo(numeric).Within(1e-7));
    }

    [Test]
    public void AdamW_StepsAsWrittenDown()
    {
        const double rate = 0.1, beta1 = 0.9, beta2 = 0.99, eps = 1e-8, decay = 0.05;
        var p = new Parameter(Arrays.Of([1.0, -2.0]));
        using AdamW adam = optim.AdamW([p], rate, beta1, beta2, eps, decay);
        double[] x = [1, -2], m = [0, 0], v = [0, 0];
        for (int t = 1; t <= 3; t++)
        {
            adam.zero_grad();
            (p * p * p).sum().backward();
            adam.step();
            for (int k = 0; k < 2; k++)
            {
                double g = 3 * x[k] * x[k];
                x[k] *= 1 - (rate * decay);
                m[k] = (beta1 * m[k]) + ((1 - beta1) * g);
                v[k] = (beta2 * v[k]) + ((1 - beta2) * g * g);
                double denominator = (Math.Sqrt(v[k]) / Math.Sqrt(1 - Math.Pow(beta2, t))) + eps;
                x[k] -= rate / (1 - Math.Pow(beta1, t)) * m[k] / denominator;
            }

            Assert.That(p.data<double>().ToArray(), Is.EqualTo(x).Within(1e-13));
        }

        var state = (AdamW.State)adam.state_dict().State[0];
        Assert.That(state.step, Is.EqualTo(3));
        Assert.That(state.exp_avg.data<double>().ToArray(), Is.EqualTo(m).Within(1e-12));
        Assert.That(state.exp_avg_sq.data<double>().ToArray(), Is.EqualTo(v).Within(1e-12));
        adam.ParamGroups.First().LearningRate = 0;
        adam.step();
        Assert.That(p.data<double>().ToArray(), Is.EqualTo(x).Within(1e-13));
    }

    [Test]
    public void ClipGradNorm_ScalesToTheNorm()
    {
        var p = new Parameter(Arrays.Of([3f, 4f]));
        (p * p).sum().backward();
        Assert.That(nn.utils.clip_grad_norm_([p], 1), Is.EqualTo(10).Within(1e-5));
        Assert.That(p.grad!.norm().item<float>(), Is.EqualTo(1).Within(1e-5));
        Assert.That(nn.utils.clip_grad_norm_([p], 5), Is.EqualTo(1).Within(1e-5));
        Assert.That(p.grad!.norm().item<float>(), Is.EqualTo(1).Within(1e-5));
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        public Parameter scale = new(ones([1]));
        public Tensor offset = zeros(3).DetachFromDisposeScope();
        public Linear first = nn.Linear(2, 3);
        private readonly ModuleList<nn.Module<Tensor, Tensor>> rest = new(
            nn.Linear(3, 3), nn.Sequential(("act", nn.PReLU(1)), ("norm", nn.BatchNorm2d(3))));

        public Block()
            : base("block") => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            Tensor x = rest[0].call(first.call(input) * scale + offset);
            return rest[1].call(x.unsqueeze(-1).unsqueeze(-1)).reshape(-1, 3);
        }
    }
}
