using GpuSynth.IO;
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
    public void CleanByHand()
    {
        using DisposeScope scope = NewDisposeScope();
        // Off by 1, 2, 4 / -1, 2, 0: mean of sizes 10 / 6; along rows 1, 2, 3, 2: mean 2; along columns 2, 0, 4: mean 2.
        Tensor off = tensor(new float[] { 1, 2, 4, -1, 2, 0 }).reshape(1, 1, 2, 3), target = rand([1, 1, 2, 3]);
        Assert.That(CleanTask.Loss(target + off, target).item<float>(), Is.EqualTo((10.0 / 6) + 2).Within(1e-5));
        Assert.That(CleanTask.Loss(off.narrow(2, 0, 1), zeros([1, 1, 1, 3])).item<float>(), Is.EqualTo((7.0 / 3) + 1.5).Within(1e-5));
    }

    // Dividing what a head gives is dividing what it is given; a voxel without features has none to divide.
    [Test]
    public void HeadsOfUnitFeaturesAreThose()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(4);
        using var heads = new VoxelHeads(TinyRun.Options.Network with { OutChannels = 6 }, ("one", 1), ("three", 3));
        Tensor values = randn([2, 6, 2, 3, 4]);
        values[0, .., 0, 0, 0] = zeros(6);
        (Tensor ours, Tensor theirs) = (values.clone().requires_grad_(), values.clone().requires_grad_());
        Tensor unit = theirs.div(linalg.vector_norm(theirs, 2, [1], keepdim: true).clamp_min(1e-12));
        Tensor[] outputs = heads.OfUnit(ours), expected = [heads.Of("one", unit), heads.Of("three", unit)];
        Tensor[] weights = [.. expected.Select(static one => randn(one.shape))];
        autograd.backward(outputs, weights);
        Tensor[] gradients = [ours.grad!.clone(), .. heads.parameters().Select(static one => one.grad!.clone())];
        heads.zero_grad();
        autograd.backward(expected, weights);
        for (int n = 0; n < 2; n++)
        {
            Assert.That((outputs[n] - expected[n]).abs().max().item<float>(), Is.LessThan(1e-5f));
        }

        Tensor[] known = [theirs.grad!, .. heads.parameters().Select(static one => one.grad!)];
        Assert.That(gradients.Zip(known, static (a, b) => ((a - b).abs() / b.abs().clamp_min(1)).max().item<float>()), Is.All.LessThan(1e-4f));
    }

    [Test]
    public void AHeadsGradientIsItsOwnTasks()
    {
        ObjectiveContext context = TestObjectives.Context with { Shape = VolumeShape.Volume(8, 8, 8) };
        using var rig = new StepRig(new MultitaskObjective(context));
        Tensor image = rand([2, 1, 8, 8, 8]), clean = rand([2, 1, 8, 8, 8]), field = rand([2, 1, 8, 8, 8]), labels = zeros([2, 8, 8, 8], ScalarType.Byte);
        labels.narrow(1, 4, 4).fill_(2);
        Dictionary<string, Tensor> Gradients(Tensor ofClean, Tensor ofLabels, out ObjectiveValue value)
        {
            value = rig.Backward(rig.Step(
                rig.Objective.Views.ToDictionary(static view => view, view => view.IsClean ? ofClean : view.Recipe is null ? image : field), ofLabels));
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
        float[] given = objective.Task<BiasTask>().Logarithms(StepOf(views))[1].reshape(-1).data<float>().ToArray();
        double mean = field.Average();
        Assert.That(given.Select(static one => (double)one), Is.EqualTo(field.Select(one => one - mean)).Within(2e-6));
        Assert.That(given.Max() - given.Min(), Is.GreaterThan(1e-3));
        source.Release(views);
    }

    // Both sides of the map are each other's mirror image, so that a voxel's label is that of its place, exchanged or not.
    [Test]
    public void PlacesAreWhereLabelsCameFrom(
        [Values("", "flip: 1,")] string flip, [Values("", "deformation: { flipX: 1, flipY: 0.5 }")] string moved, [Values] bool areSlices)
    {
        using var run = new TinyRun();
        const int Side = LabelMapSet.PlaceSteps / 11; // So that a step of places lies within one voxel.
        byte[] map =
        [
            .. Voxels(Side).Select(static p => (byte)(
                p.Y < 3 ? 0 : (p.X < Side / 2 ? 1 : p.X > Side / 2 ? 2 : 7) + ((p.Z / 3) + (p.Y / 4 % 2) > 3 ? 2 : 0))),
        ];
        Nifti.WriteLabels(run["map.nii.gz"], VolumeShape.Volume(Side, Side, Side), map);
        PretrainOptions options = TinyRun.Options with
        {
            Network = TinyRun.Options.Network with { Dimensions = areSlices ? 2 : 3 },
            Objective = "multitask", Batch = 12, Shape = areSlices ? VolumeShape.Image(24, 28) : VolumeShape.Volume(24, 20, 28), Seed = 3, Labels = run["map.nii.gz"], Recipe = RecipeYaml.Parse(
                $$"""
                name: posed
                dimensions: {{(areSlices ? 2 : 3)}}
                anatomy:
                  - labelMap: { {{(areSlices ? "sliceAxis: { integer: [0, 2] }," : "")}} rotationDegrees: 20, scaling: 1.2, shear: 0.05, {{flip}} lateralPairs: [[1, 2], [3, 4]],
                      velocity: { scales: [side/4], stdOfSide: 0.05 } }
                {{(moved.Length > 0 ? "  - " + moved : "")}}
                appearance:
                  - contrast: { mean: { uniform: [0, 1] } }
                """,
                "test"),
        };
        using var objective = (MultitaskObjective)options.CreateObjective();
        using var source = new ViewSource(options, objective.Views, CPU);
        source.Start(2);
        ViewBatch views = source.Acquire();
        using DisposeScope scope = NewDisposeScope();
        ObjectiveStep step = StepOf(views);
        (Tensor places, Tensor areKnown) = objective.Task<CoordinateTask>().Target(step);
        long[] at = places.mul((LabelMapSet.PlaceSteps - 1) / 2.0 / LabelMapSet.PlaceSteps).add(0.5).mul(Side).floor().to_type(ScalarType.Int64)
            .flatten(2).transpose(1, 2).reshape(-1, 3).data<long>().ToArray();
        byte[] known = areKnown.select(1, 0).reshape(-1).data<byte>().ToArray(), labels = step.Labels(ObjectiveView.Sample).reshape(-1).data<byte>().ToArray();
        int[] numbers = [.. source.Plan.Options.LabelMaps!.SourceValues.Select(static values => values[0])];
        int right = 0;
        for (int voxel = 0; voxel < known.Length; voxel++)
        {
            int expected = known[voxel] == 0 ? 0 : map[(((at[3 * voxel] * Side) + at[(3 * voxel) + 1]) * Side) + at[(3 * voxel) + 2]];
            right += expected == numbers[labels[voxel]] ? 1 : 0;
        }

        Assert.That((double)right / known.Length, Is.GreaterThan(0.999), "but for ties");
        Assert.That((double)known.Count(static one => one != 0) / known.Length, Is.InRange(0.3, 0.99));
        Assert.That(places.masked_select(areKnown.to_type(ScalarType.Bool)).abs().max().item<float>(), Is.LessThanOrEqualTo(1).And.GreaterThan(0.9f));

        Tensor output = places.clone().requires_grad_(), off = places.add(0.25).requires_grad_();
        Assert.That(objective.Task<CoordinateTask>().Backward(step, output), Is.Zero);
        Assert.That(objective.Task<CoordinateTask>().Backward(step, off), Is.EqualTo(0.25).Within(1e-5), "over those that are known");
        source.Release(views);
    }

    // Maps that are images have rows and columns, and no depth: what is off along it counts nowhere.
    [Test]
    public void OfMapsThatAreImages_TheDepthIsUnknown()
    {
        using var run = new TinyRun();
        Nifti.WriteLabels(run["map.nii.gz"], VolumeShape.Image(20, 20), [.. Enumerable.Range(0, 400).Select(static voxel => (byte)(voxel % 3))]);
        PretrainOptions options = TinyRun.Options with
        {
            Objective = "multitask", Shape = VolumeShape.Image(16, 16), Labels = run["map.nii.gz"], Network = TinyRun.Options.Network with { Dimensions = 2 },
            Recipe = RecipeYaml.Parse("name: flat\ndimensions: 2\nanatomy: [ { labelMap: {} } ]\nappearance: [ { contrast: { mean: 1 } } ]", "test"),
        };
        using var objective = (MultitaskObjective)options.CreateObjective();
        using var source = new ViewSource(options, objective.Views, CPU);
        source.Start(0);
        ViewBatch views = source.Acquire();
        using DisposeScope scope = NewDisposeScope();
        (Tensor places, Tensor areKnown) = objective.Task<CoordinateTask>().Target(StepOf(views));
        Assert.That(areKnown.select(1, 0).amax().item<byte>(), Is.Zero);
        Assert.That(areKnown.narrow(1, 1, 2).amin().item<byte>(), Is.EqualTo(1));
        Tensor output = places.clone();
        output.narrow(1, 0, 1).fill_(1000);
        Assert.That(objective.Task<CoordinateTask>().Backward(StepOf(views), output.requires_grad_()), Is.Zero);
        Assert.That(places.narrow(1, 1, 1).amax().item<float>(), Is.EqualTo(places.narrow(1, 1, 1).amin().neg().item<float>()).Within(0.2));
        source.Release(views);
    }

    [Test]
    public void PlacesAreOfLabelMapsAlone()
    {
        Recipe recipe = Presets.Get("labelmap-3d"), noise = Presets.Get("rasd-3d");
        LabelMapAnatomy map = recipe.Find<LabelMapAnatomy>()!;
        Assert.That(CoordinateTask.Of(recipe), Is.Not.Null);
        Assert.That(CoordinateTask.Of(recipe with { Anatomy = [.. noise.Anatomy, map] }), Is.Not.Null, "nothing is seen of the noise");
        Assert.That(CoordinateTask.Of(recipe with { Anatomy = [.. noise.Anatomy, map with { Chance = 0.5 }] }), Is.Null);
        Assert.That(CoordinateTask.Of(recipe with { Anatomy = [map, .. noise.Anatomy] }), Is.Null);
        Assert.That(CoordinateTask.Of(Presets.Get("rasd-2d").WithLabelMaps()), Is.Not.Null);
        Assert.That(CoordinateTask.Of(noise), Is.Null);
    }

    [Test]
    public void DistancesWithinLabelsAreBelow0_WhereThereIsABackground()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = tensor(new byte[] { 0, 0, 0, 2, 2, 2, 2 }).reshape(1, 1, 7);
        float[] signed = [2, 1, 0, 0, -1, -2, -3], unsigned = [2, 1, 0, 0, 1, 2, 3];
        Assert.That(new DistanceTask(isSigned: true).Target(labels).data<float>().ToArray().Select(static one => 8 * one), Is.EqualTo(signed));
        Assert.That(new DistanceTask(isSigned: false).Target(labels).data<float>().ToArray().Select(static one => 8 * one), Is.EqualTo(unsigned));
        ObjectiveContext context = TestObjectives.Context with { RankLabels = false };
        Assert.That(SyntheticClasses.HasBackground(context), Is.False, "label 0 of noise is one of all");
        Assert.That(SyntheticClasses.HasBackground(context with { Recipe = Presets.Get("labelmap-3d") }), Is.True);
        Assert.That(SyntheticClasses.HasBackground(context with { Recipe = Presets.Get("gaussians-3d") }), Is.True);
    }

    [Test]
    public void ItIsLearnt()
    {
        (double first, double last) = StepRig.Trained(TinyRun.For("multitask") with { Accumulate = 1 }, 60);
        Assert.That(last, Is.LessThan(0.85 * first));
    }

    private static ObjectiveStep StepOf(ViewBatch views) =>
        new(null!, ScalarType.Float32, views.Tensors) { FirstItem = views.FirstItem, Seed = 9, LabelCount = 2 };

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
