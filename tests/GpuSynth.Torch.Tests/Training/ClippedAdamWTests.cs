using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>The sweeps of the optimiser against TorchSharp's own AdamW behind its own clip.</summary>
[NonParallelizable]
public sealed class ClippedAdamWTests
{
    // One value, less than a vector, and more than a work item.
    private static readonly long[][] Shapes = [[1], [3, 5], [7, 13, 3, 3, 3], [40_007]];

    [Test]
    public void StepsAreTorchs([Values(0.5, 1e30)] double clip, [Values(0, 0.1)] double decay)
    {
        using DisposeScope scope = NewDisposeScope();
        (Parameter[] ours, Parameter[] theirs) = (Parameters(ScalarType.Float32), Parameters(ScalarType.Float32));
        using var swept = new ClippedAdamW(ours, 1, decay);
        using AdamW torchs = optim.AdamW(Groups(theirs, decay), 0.01);
        for (int step = 0; step < 4; step++)
        {
            double rate = 0.01 / (step + 1);
            GiveGradients(ours, step);
            GiveGradients(theirs, step);
            double norm = nn.utils.clip_grad_norm_(theirs, clip);
            Assert.That(swept.Clip(clip), Is.EqualTo(norm).Within(1e-5 * norm));
            swept.Step(rate);
            foreach (optim.ILearningRateController group in torchs.ParamGroups)
            {
                group.LearningRate = rate;
            }

            torchs.step();
        }

        // A step moves a weight by about its rate, wherever it is: ten steps of rounding of that, and of the weight.
        for (int n = 0; n < Shapes.Length; n++)
        {
            Assert.That((ours[n] - theirs[n]).abs().max().item<float>(), Is.LessThan(1e-6f), $"parameter {n}");
            Assert.That((ours[n] - theirs[n]).abs().mean().item<float>(), Is.LessThan(1e-7f), $"parameter {n}");
        }

        Assert.That(swept.States.Select(static one => one.step), Is.All.EqualTo(4));
    }

    [Test]
    public void AFactorIsThatOfTheRate([Values] bool isOnHost)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = isOnHost ? ScalarType.Float32 : ScalarType.Float64; // Doubles take TorchSharp's operators.
        (Parameter[] all, Parameter[] slow) = (Parameters(type), Parameters(type));
        using var mixed = new ClippedAdamW(all, 1, 0.1, [1, 0.25, 1, 0.25]);
        using var quarter = new ClippedAdamW(slow, 1, 0.1);
        GiveGradients(all, 0);
        GiveGradients(slow, 0);
        mixed.Clip(1e30);
        mixed.Step(0.04);
        quarter.Clip(1e30);
        quarter.Step(0.01);
        Assert.That(
            all.Zip(slow, static (one, other) => one.eq(other).all().item<bool>()), Is.EqualTo([false, true, false, true]));
    }

    // Gradients of 0 move nothing: what is left is the decay.
    [Test]
    public void MatricesDecay_AndVectorsDoNot([Values] bool isOnHost)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = isOnHost ? ScalarType.Float32 : ScalarType.Float64;
        long[][] shapes = [[6], [1, 1, 6], [3, 5], [1], [4, 2, 3, 3]];
        Parameter[] parameters = [.. shapes.Select(shape => new Parameter(ones(shape, type)))];
        using var optimiser = new ClippedAdamW(parameters, 1, 0.25);
        foreach (Parameter one in parameters)
        {
            one.grad = zeros_like(one);
        }

        optimiser.Clip(1e30);
        optimiser.Step(0.5);
        Assert.That(
            parameters.Select(static one => one.max().to_type(ScalarType.Float64).item<double>()), Is.EqualTo([1, 1, 0.875, 1, 0.875]).Within(1e-7));
        Assert.That(optimiser.States.Select(static state => state.exp_avg.shape), Is.EqualTo(shapes), "in the order given");
    }

    [Test]
    public void OfASwinUnetr_TheTablesOfPositionsDoNotDecay()
    {
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SwinUnetr(12));
        (string name, Parameter parameter)[] all = [.. network.named_parameters()];
        string[] decaying = [.. all.Where(static one => ClippedAdamW.Decays(one.name, one.parameter)).Select(static one => one.name)];
        string[] tables = [.. all.Select(static one => one.name).Where(static name => name.Contains("relative_position", StringComparison.Ordinal))];
        Assert.That(tables, Is.Not.Empty);
        Assert.That(decaying, Has.None.AnyOf(tables).And.Some.EndsWith("attn.qkv.weight").And.None.EndsWith("norm1.weight").And.None.EndsWith(".bias"));

        Parameter[] moved = [.. all.Where(one => one.name == tables[0] || one.name == decaying[0]).Select(static one => one.parameter)];
        using var optimiser = new ClippedAdamW(all, 1, 0.25);
        double[] before = [.. moved.Select(static one => one.detach().abs().sum().item<float>())];
        foreach ((_, Parameter parameter) in all)
        {
            parameter.grad = zeros_like(parameter);
        }

        optimiser.Clip(1e30);
        optimiser.Step(0.5);
        double[] kept = [.. moved.Zip(before, static (one, then) => one.detach().abs().sum().item<float>() / then)];
        Assert.That(kept.Order(), Is.EqualTo([0.875, 1]).Within(1e-5));
    }

    [Test]
    public void AParameterWithoutAGradientStays()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] parameters = Parameters(ScalarType.Float32);
        using var optimiser = new ClippedAdamW(parameters, 0.1, 0.1);
        parameters[2].grad = ones_like(parameters[2]);
        Tensor[] before = [.. parameters.Select(static one => one.detach().clone())];
        Assert.That(optimiser.Clip(1e30), Is.EqualTo(Math.Sqrt(before[2].numel())).Within(1e-9));
        optimiser.Step(0.1);
        Assert.That(
            parameters.Zip(before, static (now, then) => now.eq(then).all().item<bool>()),
            Is.EqualTo([true, true, false, true]));
        Assert.That(optimiser.States.Select(static one => one.step), Is.EqualTo([0, 0, 1, 0]));
    }

    // An objective that leaves a network's decoder alone: torch's own operators, and what a checkpoint says of the steps.
    [Test]
    public void AParameterWithoutAGradientStays_TorchsWay_AndTheStepsAreTheOthers()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] parameters = Parameters(ScalarType.Float64);
        using var optimiser = new ClippedAdamW(parameters, 0.1, 0.1);
        parameters[2].grad = ones_like(parameters[2]);
        Tensor[] before = [.. parameters.Select(static one => one.detach().clone())];
        Assert.That(optimiser.Clip(1e30), Is.EqualTo(Math.Sqrt(before[2].numel())).Within(1e-9));
        optimiser.Step(0.1);
        Assert.That(
            parameters.Zip(before, static (now, then) => now.eq(then).all().item<bool>()), Is.EqualTo([true, true, false, true]));
        (string name, Tensor step) = AdamWState.Save(optimiser.States, ["a", "b", "c", "d"]).First();
        Assert.That((name, step.item<long>()), Is.EqualTo(("adamw.step", 1L)));
    }

    [Test]
    public void ThreadsChangeNoBit()
    {
        using DisposeScope scope = NewDisposeScope();
        int before = get_num_threads();
        try
        {
            (double Norm, Parameter[] Weights)[] results = [.. new[] { 1, 3 }.Select(static threads =>
            {
                set_num_threads(threads);
                Parameter[] parameters = Parameters(ScalarType.Float32);
                using var optimiser = new ClippedAdamW(parameters, 0.1, 0.1);
                GiveGradients(parameters, 0);
                double norm = optimiser.Clip(0.5);
                optimiser.Step(0.1);
                return (norm, parameters);
            })];
            Assert.That(results[1].Norm, Is.EqualTo(results[0].Norm));
            Assert.That(results[0].Weights.Zip(results[1].Weights, static (a, b) => a.eq(b).all().item<bool>()), Is.All.True);
        }
        finally
        {
            set_num_threads(before);
        }
    }

    // What the sweeps do not take goes torch's way: other types, gradients that lie otherwise.
    [Test]
    public void OtherTypesAndOrdersGoTorchsWay([Values] bool isDouble)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = isDouble ? ScalarType.Float64 : ScalarType.Float32;
        (Parameter[] ours, Parameter[] theirs) = (Parameters(type), Parameters(type));
        using var swept = new ClippedAdamW(ours, 1, 0.1);
        using AdamW torchs = optim.AdamW(Groups(theirs, 0.1), 0.01);
        foreach (Parameter[] parameters in new[] { ours, theirs })
        {
            GiveGradients(parameters, 0);
            parameters[1].grad = parameters[1].grad!.t().contiguous().t();
        }

        Assert.That(swept.Clip(0.5), Is.EqualTo(nn.utils.clip_grad_norm_(theirs, 0.5)));
        swept.Step(0.01);
        torchs.step();
        Assert.That(ours.Zip(theirs, static (a, b) => a.eq(b).all().item<bool>()), Is.All.True);
    }

    // Matrices decay, vectors do not.
    private static AdamW.ParamGroup[] Groups(Parameter[] parameters, double decay) =>
    [
        new AdamW.ParamGroup([parameters[1], parameters[2]], lr: 0.01, weight_decay: decay),
        new AdamW.ParamGroup([parameters[0], parameters[3]], lr: 0.01, weight_decay: 0),
    ];

    private static Parameter[] Parameters(ScalarType type)
    {
        random.manual_seed(7);
        return [.. Shapes.Select(shape => new Parameter(randn(shape, type)))];
    }

    private static void GiveGradients(Parameter[] parameters, int step)
    {
        random.manual_seed(100 + step);
        foreach (Parameter one in parameters)
        {
            one.grad = randn(one.shape, one.dtype).mul_(0.01);
        }
    }
}
