using GpuSynth.Kernels;
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
        Objective = "voco", Shape = VolumeShape.Volume(8, 24, 24), Network = TinyRun.Options.Network with { Channels = [4, 8, 8], Strides = [2, 2] },
    };

    [Test]
    public void AgreementIsTheValueByHand([Values] bool isDouble)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = isDouble ? ScalarType.Float64 : ScalarType.Float32;
        Tensor loss = VocoLoss.Agreement(tensor(new double[] { 1, 0 }).reshape(1, 1, 2).to_type(type), tensor([.6, .2]).reshape(1, 1, 2).to_type(type));
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
    public void ACropInTheMiddleOfFourHasAQuarterInEach()
    {
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(64, 192, 192), 16);
        Assert.That((grid.Height, grid.Width, grid.Top, grid.Left), Is.EqualTo((64, 64, 0, 0)));
        float[] labels = grid.Overlaps(new CropPlace(64 - 32, 64 - 32));
        Assert.That(labels, Is.EqualTo(new[] { .25f, .25f, 0, .25f, .25f, 0, 0, 0, 0 }));
    }

    [Test]
    public void ACropThatIsABaseCropIsThatOne_AndEveryCropLiesInTheGrid()
    {
        // 100 = 2 + 3 x 32 + 2; 54 = 3 + 3 x 16 + 3.
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(32, 100, 54), 16);
        Assert.That((grid.Height, grid.Width, grid.Top, grid.Left), Is.EqualTo((32, 16, 2, 3)));
        for (int k = 0; k < CropGrid.Count; k++)
        {
            Assert.That(grid.Overlaps(grid.Bases[k]), Is.EqualTo(Enumerable.Range(0, CropGrid.Count).Select(n => n == k ? 1f : 0f)));
        }

        var random = new PlaceRandom(1, 2, PlaceRandom.CropPlaceStream);
        HashSet<int> rows = [];
        for (int n = 0; n < 2000; n++)
        {
            CropPlace place = grid.Draw(ref random);
            rows.Add(place.Y);
            Assert.That((place.Y, place.X), Is.GreaterThanOrEqualTo((2, 3)).And.LessThanOrEqualTo((2 + 64, 3 + 32)));
            Assert.That(grid.Overlaps(place).Sum(), Is.EqualTo(1).Within(1e-6));
        }

        Assert.That(rows, Has.Count.EqualTo(65), "both ends are drawn");
    }

    [TestCase(4, 23, 30, "4x23x30 has no room for them: take 24 or more")]
    [TestCase(8, 30, 11, "8x30x11 has no room for them: take 12 or more")]
    public void AShapeWithoutRoomIsRefused(int depth, int height, int width, string says)
    {
        using SegmentationNetwork network = NetworkFactory.Create(Tiny.Network);
        using var objective = new VocoObjective(TestObjectives.Context with { Name = "voco", Shape = VolumeShape.Volume(depth, height, width) });
        Assert.That(() => objective.Begin(network, 3), Throws.TypeOf<ObjectiveException>().With.Message.Contains(says));
    }

    [Test]
    public void AShapeOfTheLeastSideIsTaken([Values(4, 8)] int depth)
    {
        int side = depth == 4 ? 24 : 12;
        using SegmentationNetwork network = NetworkFactory.Create(Tiny.Network);
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(depth, side, side), network.SideMultiple);
        Assert.That(() => network.CheckShape(VolumeShape.Volume(depth, grid.Height, grid.Width)), Throws.Nothing);
        Assert.That(grid.Height, Is.EqualTo(side / 3));
    }

    [Test]
    public void BaseCropsTileTheImage_AndFlipsTurnSomeOfThemOver()
    {
        using DisposeScope scope = NewDisposeScope();
        CropGrid grid = CropGrid.Of(VolumeShape.Image(12, 18), 2);
        var crops = new VocoCrops(grid, 2);
        Tensor image = arange(12 * 18, dtype: ScalarType.Float32).reshape(1, 1, 12, 18);
        (int Over, int Across, int Base) seen = default;
        for (ulong item = 0; item < 200; item++)
        {
            PlaceRandom places = new(1, item, PlaceRandom.CropPlaceStream), flips = new(1, item, PlaceRandom.CropFlipStream);
            float[] labels = new float[18];
            Tensor[] cut = crops.Cut(image, ref places, ref flips, labels);
            Assert.That(cut, Has.Length.EqualTo(11));
            for (int k = 0; k < 9; k++)
            {
                Tensor expected = image.narrow(2, k / 3 * 4, 4).narrow(3, k % 3 * 6, 6), own = cut[k];
                bool isOver = own[0, 0, 0, 0].item<float>() > own[0, 0, 3, 0].item<float>();
                bool isAcross = own[0, 0, 0, 0].item<float>() > own[0, 0, 0, 5].item<float>();
                Tensor back = isOver ? own.flip(2) : own;
                Assert.That((isAcross ? back.flip(3) : back).data<float>().ToArray(), Is.EqualTo(expected.data<float>().ToArray()));
                seen = (seen.Over + (isOver ? 1 : 0), seen.Across + (isAcross ? 1 : 0), seen.Base + 1);
            }

            var again = new PlaceRandom(1, item, PlaceRandom.CropPlaceStream);
            Assert.That(labels, Is.EqualTo(grid.Overlaps(grid.Draw(ref again)).Concat(grid.Overlaps(grid.Draw(ref again)))));
        }

        // n = 1800, p = 0.2: 360 with a standard deviation of 17.
        Assert.That(seen.Over, Is.InRange(360 - 68, 360 + 68));
        Assert.That(seen.Across, Is.InRange(360 - 68, 360 + 68));
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
        (string Name, Tensor Weight)[] Weights(string head) =>
            [.. objective.Parts!.named_parameters().Where(one => one.name.StartsWith(head, StringComparison.Ordinal)).Select(static one => (one.name, (Tensor)one.parameter))];
        Assert.That(Weights("teacher"), Has.Length.EqualTo(6));
        foreach ((Tensor own, Tensor other) in Pairs())
        {
            Assert.That(own.data<float>().ToArray(), Is.EqualTo(other.data<float>().ToArray()), "it begins as a copy");
            Assert.That(own.requires_grad, Is.False);
        }

        Tensor image = rand([1, 1, 8, 24, 24]);
        ObjectiveValue value = objective.Backward(ContrastRuns.Step(network, image.squeeze(1).to_type(ScalarType.Byte), image, rand([1, 1, 8, 24, 24])));
        Assert.That(value.Loss, Is.EqualTo(value.Parts.Sum(static part => part.Value)).Within(1e-5));
        foreach ((Tensor own, Tensor other) in Pairs())
        {
            Assert.That(own.grad is null);
            Assert.That(other.grad, Is.Not.Null);
        }

        Assert.That(network.named_parameters().All(one => network.IsEncoder(one.name) == one.parameter.grad is not null), "the encoder learns, and it alone");
        using (no_grad())
        {
            foreach ((Tensor _, Tensor other) in Pairs())
            {
                other.add_(1);
            }
        }

        Tensor[] before = [.. Weights("teacher").Select(static one => one.Weight.clone())];
        objective.AfterStep();
        foreach (((Tensor own, Tensor other), Tensor then) in Pairs().Zip(before))
        {
            Assert.That((own - then * 0.9 - other * 0.1).abs().max().item<float>(), Is.LessThan(1e-6));
            Assert.That((own - then).abs().min().item<float>(), Is.EqualTo(0.1).Within(1e-5));
        }

        IEnumerable<(Tensor, Tensor)> Pairs() => Weights("teacher").Select(static one => one.Weight).Zip(Weights("student").Select(static one => one.Weight));
    }

    [Test]
    public void AResumedRunIsTheWholeRun_ToTheBit([Values(1, 3)] int stop) => ContrastRuns.AssertResumedToTheBit(Tiny, stop);

    [Test]
    public void ASumWithVoxelContrastIsResumedToo() =>
        ContrastRuns.AssertResumedToTheBit(TinyRun.Options with { Objective = "anatomix+voco:0.5" }, 3);

    [Test]
    public void InBfloat16TheLossIsNearlyTheSame() =>
        ContrastRuns.AssertNearlyTheSameInBfloat16(Tiny, 10);

    [Test]
    public void TheLossFalls()
    {
        double[] losses = ContrastRuns.Losses(Tiny with
        {
            Steps = 60, LearningRate = 3e-3, Accumulate = 1, Schedule = ScheduleKind.Constant, Network = Tiny.Network with { Dropout = 0 },
        });
        TestContext.Out.WriteLine($"{losses[0]:F3} {losses[..10].Average():F3} {losses[^10..].Average():F3}");
        Assert.That(losses[^10..].Average(), Is.LessThan(losses[..5].Average() - 0.2));
    }

    private static double[] Numbers((Tensor Intra, Tensor Inter, Tensor Regularisation) losses) =>
        [losses.Intra.item<double>(), losses.Inter.item<double>(), losses.Regularisation.item<double>()];

    private static (Tensor Student, Tensor Teacher, Tensor Labels) Drawn()
    {
        manual_seed(8);
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(8, 24, 24), 4);
        var random = new PlaceRandom(3, 3, PlaceRandom.CropPlaceStream);
        float[] labels = [.. Enumerable.Range(0, 12).SelectMany(_ => grid.Overlaps(grid.Draw(ref random)))];
        return (randn([2, 3, 11, 6], ScalarType.Float64), randn([2, 3, 9, 6], ScalarType.Float64), tensor(labels).reshape(2, 3, 2, 9).to_type(ScalarType.Float64));
    }
}
