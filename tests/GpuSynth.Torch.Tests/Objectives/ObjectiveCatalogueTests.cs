using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Objectives by name, of other assemblies, in sums; what they are given, and what is kept of them.</summary>
[CancelAfter(120_000)]
public sealed class ObjectiveCatalogueTests
{
    private static readonly ObjectiveCatalogue WithTests = ObjectiveCatalogue.With(typeof(PairObjective).Assembly);

    private static PretrainOptions Pair => TinyRun.Options with { Objectives = WithTests, Objective = "test-pair" };

    [TestCase("rasp", "There is no objective 'rasp'; choose one of ")]
    [TestCase("rasd+", "has an empty name")]
    [TestCase("", "has an empty name")]
    [TestCase("rasd:0", "gives rasd the weight '0'")]
    [TestCase("rasd:-1", "gives rasd the weight '-1'")]
    [TestCase("rasd:NaN", "gives rasd the weight 'NaN'")]
    [TestCase("rasd:0,5", "gives rasd the weight '0,5'")]
    [TestCase("rasd+rasd:2", "has rasd twice")]
    public void WhatNamesNoObjectiveIsRefused(string text, string part) => Assert.That(
        () => ObjectiveCatalogue.Own.Create(text, TestObjectives.Context),
        Throws.InstanceOf<GpuSynthException>().With.Message.Contains(part));

    [Test]
    public void AnObjectiveOfAnotherAssemblyIsFound_AndMayRefuse()
    {
        Assert.That(ObjectiveCatalogue.Own.Names, Does.Not.Contain("test-pair").And.Contain("rasd-cosine"));
        Assert.That(WithTests.Says("test-pair"), Is.EqualTo("One appearance from the other."));
        Assert.That(
            () => (Pair with
            {
                Recipe = Presets.Get("rasd-2d"), Network = TinyRun.Options.Network with { Dimensions = 2 },
                Shape = Kernels.VolumeShape.Image(32, 32),
            }).Check(),
            Throws.TypeOf<ObjectiveException>().With.Message.EqualTo("Objective test-pair is for volumes; take a recipe of 3 dimensions."));
    }

    [Test]
    public void ItsViewsAreTheSamplesOfTheirKeys()
    {
        using var loop = new TrainingLoop(Pair);
        using var engine = new SynthesisEngine(TrainingParts.PlanOf(Pair));
        using var clean = new SynthesisEngine(TrainingParts.PlanOf(Pair, 1, Pair.Recipe.Clean(), maps: null));
        List<long> items = [];
        PairObjective.Seen = batch =>
        {
            Assert.That(batch.Items, Is.EqualTo(2));
            for (int item = 0; item < batch.Items; item++)
            {
                long number = batch.FirstItem + item;
                items.Add(number);
                foreach (ObjectiveView view in new PairObjective(TestObjectives.Context).Views)
                {
                    var key = new Kernels.SampleKey(
                        (ulong)number, (ulong)((2 * number) + (view.AppearancePlus == 1 ? 1 : 0)));
                    SynthesisEngine own = view.IsClean ? clean : engine;
                    (float[] image, byte[] labels) = (new float[2048], new byte[2048]);
                    own.Generate(key, image, labels, own.CreateDrawn());
                    Assert.That(batch.Image(view)[item].data<float>().ToArray(), Is.EqualTo(image), $"{view}");
                    Assert.That(batch.Labels(view)[item].data<byte>().ToArray(), Is.EqualTo(labels), $"{view}");
                    Assert.That(batch.Drawn(view, item).Key, Is.EqualTo(key));
                }
            }
        };
        try
        {
            loop.DoStep();
            loop.ShowUnseen(1, static (_, _, _) => { });
            loop.DoStep();
        }
        finally
        {
            PairObjective.Seen = null;
        }

        Assert.That(items, Is.EqualTo(Enumerable.Range(0, 8)));
        Assert.That(loop.SamplesPerStep, Is.EqualTo(12), "four items of three samples");
    }

    [Test]
    public void ItsPartsAreTrained_Checkpointed_NotExported_AndResumedToTheBit([Values] Precision precision)
    {
        using var folder = new TinyRun();
        ResumedRun.AssertToTheBit(folder, Pair with { Precision = precision }, stop: 3);
        using SafeTensorsFile weights = SafeTensors.Read(folder["whole/weights.safetensors"]);
        Assert.That(weights.Tensors.Keys, Has.None.Contain("layer"));
        using CheckpointFile checkpoint = CheckpointFile.Read(Latest(folder["whole"]));
        Assert.That(checkpoint.PartsTensors.Keys, Is.EquivalentTo(new[] { "layer.weight", "layer.bias", "steps" }));
        Assert.That(checkpoint.PartsTensors["steps"].item<long>(), Is.EqualTo(6));
        string report = File.ReadAllText(folder["whole/report.html"]);
        Assert.That(report, Does.Contain("at chance").And.Contain("the least that it can be"));
    }

    [Test]
    public void ASumHasTheGradientsOfItsTermsTimesTheirWeights()
    {
        Dictionary<string, float[]> Gradients(string objective, out ObjectiveValue value)
        {
            using DisposeScope scope = NewDisposeScope();
            random.manual_seed(3);
            using SegmentationNetwork network = NetworkFactory.Create(TinyRun.Options.Network with { Dropout = 0 });
            using Objective made = WithTests.Create(objective, TestObjectives.Context);
            made.Begin(network, 4);
            using var rig = new ObjectiveRig(2, 1, 4, [16, 8, 8]);
            Tensor image = rig.FeatureTensor(ScalarType.Float32);
            ViewTensors view = new(image, rig.LabelTensor(), ArraySegment<DrawnSample>.Empty);
            value = made.Backward(new ObjectiveStep(network, ScalarType.Float32, made.Views.ToDictionary(static one => one, _ => view))
            {
                FirstItem = 0, Seed = 1, LabelCount = 4, Scale = 0.5,
            });
            return network.named_parameters().Where(static one => one.parameter.grad is not null)
                .ToDictionary(static one => one.name, static one => one.parameter.grad!.data<float>().ToArray());
        }

        Dictionary<string, float[]> rasd = Gradients("rasd", out ObjectiveValue first);
        Dictionary<string, float[]> cosine = Gradients("rasd-cosine", out ObjectiveValue second);
        Dictionary<string, float[]> sum = Gradients("rasd:2+rasd-cosine:0.25", out ObjectiveValue both);
        Assert.That(both.Loss, Is.EqualTo((2 * first.Loss) + (0.25 * second.Loss)).Within(1e-12));
        Assert.That(both.Parts.Select(static part => part.Name), Is.EqualTo(new[]
        {
            "rasd", "rasd.pull", "rasd.push", "rasd-cosine", "rasd-cosine.pull", "rasd-cosine.push",
        }));
        foreach ((string name, float[] values) in sum)
        {
            float[] expected = [.. rasd[name].Zip(cosine[name], static (a, b) => (2 * a) + (0.25f * b))];
            Assert.That(values, Is.EqualTo(expected).Within(1e-5 * Math.Max(1e-3, expected.Max(Math.Abs))), name);
        }
    }

    [Test]
    public void ASumIsTrainedAndResumedToTheBit()
    {
        using var folder = new TinyRun();
        ResumedRun.AssertToTheBit(folder, Pair with { Objective = "rasd+test-pair:0.5" }, stop: 2);
        using CheckpointFile checkpoint = CheckpointFile.Read(Latest(folder["parts"]));
        Assert.That(checkpoint.PartsTensors.Keys, Does.Contain("test-pair.layer.weight"));
    }

    private static string Latest(string run) =>
        Directory.EnumerateFiles(Path.Combine(run, CheckpointFolder.Name), "*.safetensors").Order(StringComparer.Ordinal).Last();
}
