using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Several tasks of one pass: each one's loss by hand, what they are given, and that none has a say in another's head.</summary>
[CancelAfter(120_000)]
public sealed class MultitaskTests
{
    private static readonly string[] AllTasks = ["labels", "clean", "bias", "distance"];

    [Test]
    public void TwoVoxelsByHand_AndClassesInAnyOrder()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(new double[] { 0.8, 0.4, 0.2, 0.6 }).log().reshape(1, 2, 1, 2), truth = tensor(new byte[] { 0, 1 }).reshape(1, 1, 2);
        ObjectiveValue value = SegmentObjective.BackwardOf(logits, truth, 2, 1);
        Assert.That(value.Parts[0].Value, Is.EqualTo(0.303029).Within(1e-6));
        Assert.That(value.Parts[1].Value, Is.EqualTo(0.366985).Within(1e-6));
        Assert.That(value.Loss, Is.EqualTo(0.670013).Within(1e-6));
        ObjectiveValue permuted = SegmentObjective.BackwardOf(logits.flip(1), 1 - truth, 2, 1);
        Assert.That(permuted.Loss, Is.EqualTo(value.Loss).Within(1e-12));
    }

    [Test]
    public void TasksAreThoseThatTheRecipeHas()
    {
        ObjectiveContext context = TestObjectives.Context with { RankLabels = false };
        Assert.That(Tasks(context), Is.EqualTo(AllTasks[1..]), "labels of noise mean nothing");
        Assert.That(Tasks(context with { RankLabels = true }), Is.EqualTo(AllTasks));
        Recipe plain = Presets.Get("rasd-3d").Clean();
        Assert.That(Tasks(context with { Recipe = plain }), Is.EqualTo(new[] { "distance" }));
        using var ofPlain = new MultitaskObjective(context with { Recipe = plain });
        Assert.That(ofPlain.Views, Is.EqualTo(new[] { ObjectiveView.Sample }));
        Assert.That(Tasks(context with { Recipe = Presets.Get("labelmap-3d") }), Does.Contain("labels").And.Contain("coordinates"));
        Assert.That(Tasks(context with { Recipe = Presets.Get("vessels-3d") }), Does.Contain("labels").And.Not.Contain("coordinates"));
    }

    [Test]
    public void DistancesOfAHalfSpaceAndOfABall()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor half = zeros([1, 2, 24], ScalarType.Byte);
        half.narrow(2, 12, 12).fill_(1);
        byte[] row = [8, 8, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8];
        Assert.That(BorderDistance.Of(half, 8).data<byte>().ToArray(), Is.EqualTo(row.Concat(row)));

        const int Side = 15;
        byte[] ball = [.. Voxels(Side).Select(static p => (byte)(Square(p.Z - 7) + Square(p.Y - 7) + Square(p.X - 6) <= 25 ? 200 : 3))];
        Tensor pair = cat([tensor(ball).reshape(1, Side, Side, Side), zeros([1, Side, Side, Side], ScalarType.Byte)]);
        byte[] found = BorderDistance.Of(pair, 5).data<byte>().ToArray();
        (int Z, int Y, int X)[] voxels = [.. Voxels(Side)];
        byte[] expected = [.. voxels.Select((p, n) => (byte)Math.Min(5, voxels
            .Where((_, other) => ball[other] != ball[n])
            .Min(q => Math.Max(Math.Abs(p.Z - q.Z), Math.Max(Math.Abs(p.Y - q.Y), Math.Abs(p.X - q.X)))) - 1))];
        Assert.That(found[..ball.Length], Is.EqualTo(expected));
        Assert.That(expected.Distinct(), Is.SupersetOf(new byte[] { 0, 1, 2, 3 }));
        Assert.That(found[ball.Length..], Is.All.EqualTo(5), "a sample of one label, beside one of two");
    }

    [Test]
    public void CleanAndCoordinatesByHand()
    {
        using DisposeScope scope = NewDisposeScope();
        // Off by 1, 2, 4 / -1, 2, 0: mean of sizes 10 / 6; along rows 1, 2, 3, 2: mean 2; along columns 2, 0, 4: mean 2.
        Tensor off = tensor(new float[] { 1, 2, 4, -1, 2, 0 }).reshape(1, 1, 2, 3), target = rand([1, 1, 2, 3]);
        Assert.That(CleanTask.Loss(target + off, target).item<float>(), Is.EqualTo((10.0 / 6) + 2).Within(1e-5));
        Assert.That(CleanTask.Loss(off.narrow(2, 0, 1), zeros([1, 1, 1, 3])).item<float>(), Is.EqualTo((7.0 / 3) + 1.5).Within(1e-5));

        using var rig = new StepRig(new MultitaskObjective(TestObjectives.Context));
        ObjectiveStep step = rig.Step(new Dictionary<ObjectiveView, Tensor> { [ObjectiveView.Sample] = zeros([1, 1, 2, 3]) });
        Tensor places = tensor(new float[] { -1, -1, -1, 1, 1, 1, -1, 0, 1, -1, 0, 1 }).reshape(1, 2, 2, 3).requires_grad_();
        Assert.That(new CoordinateTask(2).Backward(step, places), Is.Zero);
        Assert.That(new CoordinateTask(2).Backward(step, places.add(0.25)), Is.EqualTo(0.25).Within(1e-6));
        Assert.That(new CoordinateTask(2).Backward(step, places.mul(0)), Is.EqualTo((1 + (2.0 / 3)) / 2).Within(1e-6));
    }

    [Test]
    public void AHeadsGradientIsItsOwnTasks()
    {
        ObjectiveContext context = TestObjectives.Context with { Shape = VolumeShape.Volume(8, 8, 8) };
        using var rig = new StepRig(new MultitaskObjective(context));
        Tensor image = rand([2, 1, 8, 8, 8]), clean = rand([2, 1, 8, 8, 8]), labels = zeros([2, 8, 8, 8], ScalarType.Byte);
        labels.narrow(1, 4, 4).fill_(2);
        Dictionary<string, Tensor> Gradients(Tensor ofClean, Tensor ofLabels, out ObjectiveValue value)
        {
            value = rig.Backward(rig.Step(
                new Dictionary<ObjectiveView, Tensor> { [ObjectiveView.Sample] = image, [CleanTask.View] = ofClean }, ofLabels));
            return rig.Objective.Parts!.named_parameters().ToDictionary(static pair => pair.name, static pair => pair.parameter.grad!.clone());
        }

        Dictionary<string, Tensor> before = Gradients(clean, labels, out ObjectiveValue value);
        Assert.That(value.Parts.Select(static part => part.Name), Is.EqualTo(AllTasks));
        Assert.That(value.Loss, Is.EqualTo(value.Parts.Sum(static part => part.Value)).Within(1e-12));
        Assert.That(rig.Network.parameters().Where(static one => one.dim() > 1).All(static one => one.grad!.abs().max().item<float>() > 0), "the network learns from them");
        Assert.That(Changed(Gradients(clean.neg(), labels, out _)), Is.EquivalentTo(new[] { "clean.weight", "clean.bias" }));
        string[] ofLabels = Changed(Gradients(clean, labels.roll(1, 1), out _));
        Assert.That(ofLabels, Is.EquivalentTo(new[] { "labels.weight", "labels.bias", "distance.weight", "distance.bias" }));

        string[] Changed(Dictionary<string, Tensor> now) => [.. now.Keys.Where(name => !now[name].Equals(before[name]))];
    }

    [Test]
    public void TheCleanViewAndTheFieldAreTheSamplesOwn()
    {
        PretrainOptions options = TinyRun.Options with { Objective = "multitask", Shape = VolumeShape.Volume(16, 12, 8), Seed = 9 };
        using var objective = (MultitaskObjective)options.CreateObjective();
        using var source = new ViewSource(options, objective.Views, CPU);
        source.Start(4);
        ViewBatch views = source.Acquire();
        float[] clean = views.Tensors[CleanTask.View].Image[1].data<float>().ToArray();
        Recipe recipe = options.Recipe.Without<Noise>().Without<Blur>();
        Assert.That(clean, Is.EqualTo(Sample(recipe.Without<Bias>(), options, 5)));
        Assert.That(views.Tensors[ObjectiveView.Sample].Image[1].data<float>().ToArray(), Is.EqualTo(Sample(options.Recipe, options, 5)));
        Assert.That(
            views.Tensors[CleanTask.View].Labels.Equals(views.Tensors[ObjectiveView.Sample].Labels), "of the same anatomies");

        // Without what follows the bias, it is the quotient of the sample with it and of that without it.
        Recipe bare = recipe.Without<Gamma>().Without<Normalise>();
        float[] with = Sample(bare, options, 5), without = Sample(bare.Without<Bias>(), options, 5);
        double[] field = [.. with.Zip(without, static (a, b) => Math.Log(a / b))];
        using BiasFields fields = BiasFields.Of(TestObjectives.Context with { Recipe = options.Recipe, Shape = options.Shape })!;
        var step = new ObjectiveStep(null!, ScalarType.Float32, views.Tensors) { FirstItem = 4, Seed = 9, LabelCount = 2 };
        float[] given = fields.Logarithms(step, ObjectiveView.Sample)[1].reshape(-1).data<float>().ToArray();
        double mean = field.Average();
        Assert.That(given.Select(static one => (double)one), Is.EqualTo(field.Select(one => one - mean)).Within(2e-6));
        Assert.That(given.Max() - given.Min(), Is.GreaterThan(1e-3));
        source.Release(views);
    }

    [Test]
    public void ItIsLearnt()
    {
        (double first, double last) = StepRig.Trained(TinyRun.For("multitask") with { Accumulate = 1 }, 60);
        Assert.That(last, Is.LessThan(0.85 * first));
    }

    private static string[] Tasks(ObjectiveContext context)
    {
        using var objective = new MultitaskObjective(context);
        return [.. objective.TaskNames];
    }

    private static float[] Sample(Recipe recipe, PretrainOptions options, ulong item)
    {
        using var engine = new SynthesisEngine(SynthesisPlan.Create(new EngineOptions
        {
            Recipe = recipe, Shape = options.Shape, Seed = options.Seed, Threads = 1,
        }));
        float[] image = new float[options.Shape.VoxelCount];
        engine.Generate(new SampleKey(item, item), image, new byte[image.Length], engine.CreateDrawn());
        return image;
    }

    private static IEnumerable<(int Z, int Y, int X)> Voxels(int side) =>
        Enumerable.Range(0, side * side * side).Select(n => (n / (side * side), n / side % side, n % side));

    private static int Square(int value) => value * value;
}
