using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Geometric context contrast: values by hand, what must not matter, the teacher, and runs.</summary>
[CancelAfter(120_000)]
public sealed class VocoTests
{
    private static PretrainOptions Tiny => TinyRun.Options with
    {
        Objective = "voco", Shape = VolumeShape.Volume(8, 24, 24),
        Network = TinyRun.Options.Network with { Channels = [4, 8, 8], Strides = [2, 2] },
    };

    // Crops of 32 x 32: few random ones are a base crop to the voxel, for which a wrong similarity costs up to 13.8.
    private static PretrainOptions Flat => TinyRun.Options with
    {
        Objective = "voco", Recipe = Presets.Get("rasd-2d"), Shape = VolumeShape.Image(96, 96), Batch = 4, Accumulate = 1,
        Network = TinyRun.Options.Network with { Dimensions = 2, Channels = [8, 16, 16], Strides = [2, 2], Dropout = 0 },
    };

    [Test]
    public void AgreementIsTheValueByHand([Values] bool isDouble)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = isDouble ? ScalarType.Float64 : ScalarType.Float32;
        Tensor loss = VocoLoss.Agreement(
            tensor(new double[] { 1, 0 }).reshape(1, 1, 2).to_type(type), tensor([.6, .2]).reshape(1, 1, 2).to_type(type));
        double expected = (-Math.Log(.600001) - Math.Log(.800001)) / 1.000001;
        Assert.That(loss.to_type(ScalarType.Float64).item<double>(), Is.EqualTo(expected).Within(isDouble ? 1e-14 : 5e-7));
        Assert.That(expected, Is.EqualTo(0.733966).Within(1e-6));
    }

    [Test]
    public void RegularisationIsTheValueByHand_AndItsSecondCropIsFixed()
    {
        using DisposeScope scope = NewDisposeScope();
        double half = Math.Sqrt(.5);
        Tensor bases = tensor([1, 0, half, half]).reshape(2, 2).requires_grad_();
        Tensor loss = VocoLoss.Regularisation(bases);
        loss.backward();
        Assert.That(loss.item<double>(), Is.EqualTo(.5).Within(1e-15));
        // d (b0 . b1)^2 / d b0 = 2 (b0 . b1) b1.
        Assert.That(bases.grad!.data<double>().ToArray(), Is.EqualTo(new[] { 1, 1, 0, 0.0 }).Within(1e-15));
    }

    [Test]
    public void TheOrderOfBaseCropsAndTheLengthOfEmbeddingsDoNotMatter()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor student, Tensor teacher, Tensor labels) = Drawn();
        double[] losses = Numbers(VocoLoss.Of(student, teacher, labels));
        Tensor order = randperm(9);
        Tensor moved = cat([student.narrow(2, 0, 9).index_select(2, order), student.narrow(2, 9, 2)], 2);
        Assert.That(
            Numbers(VocoLoss.Of(moved, teacher.index_select(2, order), labels.index_select(3, order))), Is.EqualTo(losses).Within(1e-13));
        Assert.That(Numbers(VocoLoss.Of(moved, teacher.index_select(2, order), labels))[..2], Is.Not.EqualTo(losses[..2]).Within(1e-3));
        Tensor scales = ones_like(student);
        scales[0, 1, 4] = tensor(3.0);
        scales[1, 2, 10] = tensor(3.0);
        Tensor scalesOfTeacher = ones_like(teacher);
        scalesOfTeacher[1, 0, 7] = tensor(3.0);
        Assert.That(Numbers(VocoLoss.Of(student * scales, teacher * scalesOfTeacher, labels)), Is.EqualTo(losses).Within(1e-13));
    }

    // One random crop with label (1, 0, ..) and embedding e0, and base crops that are e1 but for one: what the first base crop of the teacher and
    // of the other view are decides between ln 1 and -ln e.
    [Test]
    public void IntraIsOfTheTeacherOfTheSameView_AndInterOfTheStudentOfTheOther()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor e0 = tensor([1.0, 0]), e1 = tensor([0, 1.0]);
        Tensor student = e1.expand(2, 1, 10, 2).clone(), teacher = e1.expand(2, 1, 9, 2).clone(), labels = zeros([2, 1, 1, 9], ScalarType.Float64);
        labels[TensorIndex.Ellipsis, 0] = tensor(1.0);
        student[TensorIndex.Colon, 0, 9] = e0;
        student[0, 0, 0] = e0;
        teacher[1, 0, 0] = e0;
        (Tensor intra, Tensor inter, Tensor _) = VocoLoss.Of(student, teacher, labels);
        double wrong = -Math.Log(1e-6) / 2;
        // Right: view 1 with its own teacher; view 1 with the base crops of view 0.
        Assert.That(intra.item<double>(), Is.EqualTo(wrong).Within(1e-4));
        Assert.That(inter.item<double>(), Is.EqualTo(wrong).Within(1e-4));
        // All right: the teacher of view 0 too, and then the base crops of view 1.
        teacher[0, 0, 0] = e0;
        Assert.That(VocoLoss.Of(student, teacher, labels).Intra.item<double>(), Is.EqualTo(0).Within(1e-5));
        Assert.That(VocoLoss.Of(student, teacher, labels).Inter.item<double>(), Is.EqualTo(wrong).Within(1e-4));
        student[1, 0, 0] = e0;
        Assert.That(VocoLoss.Of(student, teacher, labels).Inter.item<double>(), Is.EqualTo(0).Within(1e-5));
    }

    [Test]
    public void TheTeacherGetsNoGradient_AndFollowsItsStudent()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor student, Tensor teacher, Tensor labels) = Drawn();
        student.requires_grad_();
        teacher.requires_grad_();
        (Tensor intra, Tensor inter, Tensor regularisation) = VocoLoss.Of(student, teacher, labels);
        (intra + inter + regularisation).backward();
        Assert.That(teacher.grad is null);
        Assert.That(student.grad!.abs().max().item<double>(), Is.GreaterThan(0));

        manual_seed(6);
        using SegmentationNetwork network = NetworkFactory.Create(Tiny.Network with { Dropout = 0 });
        using var objective = new VocoObjective(TestObjectives.Context with { Name = "voco", Shape = Tiny.Shape });
        objective.Begin(network, 3);
        Tensor[] Weights(string head) =>
        [
            .. objective.Parts!.named_parameters().Where(one => one.name.StartsWith(head, StringComparison.Ordinal))
                .Select(static one => one.parameter),
        ];
        Assert.That(Weights("teacher"), Has.Length.EqualTo(6));
        foreach ((Tensor own, Tensor other) in Pairs())
        {
            Assert.That(own.data<float>().ToArray(), Is.EqualTo(other.data<float>().ToArray()), "it begins as a copy");
            Assert.That(own.requires_grad, Is.False);
        }

        Tensor image = rand([1, 1, 8, 24, 24]);
        ObjectiveValue value = objective.Backward(
            ContrastRuns.Step(network, image.squeeze(1).to_type(ScalarType.Byte), image, rand([1, 1, 8, 24, 24])));
        Assert.That(value.Loss, Is.EqualTo(value.Parts.Sum(static part => part.Value)).Within(1e-5));
        foreach ((Tensor own, Tensor other) in Pairs())
        {
            Assert.That(own.grad is null);
            Assert.That(other.grad, Is.Not.Null);
        }

        Assert.That(
            network.named_parameters().All(one => network.IsEncoder(one.name) == one.parameter.grad is not null),
            "the encoder learns, and it alone");
        using (no_grad())
        {
            foreach ((Tensor _, Tensor other) in Pairs())
            {
                other.add_(1);
            }
        }

        Tensor[] before = [.. Weights("teacher").Select(static weight => weight.clone())];
        objective.AfterStep();
        foreach (((Tensor own, Tensor other), Tensor then) in Pairs().Zip(before))
        {
            Assert.That((own - then * 0.9 - other * 0.1).abs().max().item<float>(), Is.LessThan(1e-6));
            Assert.That((own - then).abs().min().item<float>(), Is.EqualTo(0.1).Within(1e-5));
        }

        IEnumerable<(Tensor, Tensor)> Pairs() => Weights("teacher").Zip(Weights("student"));
    }

    [Test]
    public void AResumedRunIsTheWholeRun_ToTheBit([Values(1, 3)] int stop) => ResumedRun.AssertToTheBit(Tiny, stop);

    [Test]
    public void ASumWithVoxelContrastIsResumedToo() =>
        ResumedRun.AssertToTheBit(TinyRun.Options with { Objective = "anatomix+voco:0.5" }, 3);

    [Test]
    public void InBfloat16TheLossIsNearlyTheSame() =>
        ContrastRuns.AssertNearlyTheSameInBfloat16(Flat, 10);

    [Test]
    public void TheLossFalls()
    {
        double[] losses = ContrastRuns.Losses(Flat with { Steps = 60, LearningRate = 1e-3, Schedule = ScheduleKind.Constant });
        TestContext.Out.WriteLine($"{losses[0]:F3} {losses[..10].Average():F3} {losses[^20..].Average():F3}");
        Assert.That(losses[^20..].Average(), Is.LessThan(losses[..5].Average() - 0.1));
    }

    // A grey level that is another one in each of the nine base crops, with noise, and the two views' contrasts differ: similarities that are all
    // the same come to 0.61 at best. Within a view the start is below that: what crops share is the same voxels.
    [Test]
    public void PlacesThatShowAreLearnt_BelowSimilaritiesThatAreAllTheSame()
    {
        manual_seed(12);
        using SegmentationNetwork network = NetworkFactory.Create(Flat.Network);
        using var objective = new VocoObjective(TestObjectives.Context with { Name = "voco", Shape = Flat.Shape });
        objective.Begin(network, 3);
        using var optimiser = new ClippedAdamW(
            network.parameters().Concat(objective.Parts!.parameters().Where(static weight => weight.requires_grad)), 3e-3, 0);
        ObjectiveValue[] values = new ObjectiveValue[100];
        for (int n = 0; n < values.Length; n++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor rows = linspace(0, 3, 96).reshape(1, 1, 96, 1), columns = linspace(0, 1, 96).reshape(1, 1, 1, 96);
            Tensor View(double contrast) => ((rows + columns) * contrast) + (randn([4, 1, 96, 96]) * 0.1);
            optimiser.ZeroGradients();
            ObjectiveStep step = ContrastRuns.Step(network, zeros([4, 96, 96], ScalarType.Byte), View(1), View(0.8), firstItem: 4 * n);
            values[n] = objective.Backward(step);
            optimiser.Clip(1);
            optimiser.Step(3e-3);
            objective.AfterStep();
        }

        double[] Means(Range steps) => [.. Enumerable.Range(0, 3).Select(part => values[steps].Average(value => value.Parts[part].Value))];
        TestContext.Out.WriteLine(string.Join(' ', Means(..5).Concat(Means(^30..)).Select(static value => $"{value:F3}")));
        Assert.That(Means(^30..)[0], Is.LessThan(0.53));
        Assert.That(Means(..5)[1], Is.GreaterThan(0.61));
        Assert.That(Means(^30..)[1], Is.LessThan(0.57));
    }

    private static double[] Numbers((Tensor Intra, Tensor Inter, Tensor Regularisation) losses) =>
        [losses.Intra.item<double>(), losses.Inter.item<double>(), losses.Regularisation.item<double>()];

    private static (Tensor Student, Tensor Teacher, Tensor Labels) Drawn()
    {
        manual_seed(8);
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(8, 24, 24), 4);
        var random = new PlaceRandom(3, 3, PlaceRandom.CropPlaceStream);
        float[] labels = [.. Enumerable.Range(0, 12).SelectMany(_ => grid.Overlaps(grid.Draw(ref random)))];
        return (
            randn([2, 3, 11, 6], ScalarType.Float64), randn([2, 3, 9, 6], ScalarType.Float64),
            tensor(labels).reshape(2, 3, 2, 9).to_type(ScalarType.Float64));
    }
}
