using GpuSynth.Kernels;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Runs of a number of items that come again: which, and in which order.</summary>
public sealed class ItemOrderTests
{
    [Test]
    public void EveryRoundHasEachItemOnce_TheFirstInOrder_TheOthersInOneOfTheirOwn()
    {
        var order = new ItemOrder(7, 10);
        long[][] rounds = [.. Enumerable.Range(0, 4).Select(round => Enumerable.Range(0, 10).Select(n => order.Of((10 * round) + n)).ToArray())];
        Assert.That(rounds[0], Is.EqualTo(Enumerable.Range(0, 10)));
        Assert.That(rounds, Has.All.EquivalentTo(Enumerable.Range(0, 10)));
        Assert.That(rounds.Select(static round => string.Join(' ', round)), Is.Unique);
        Assert.That(new ItemOrder(7, 10).Of(25), Is.EqualTo(rounds[2][5]), "from anywhere on, as a resumed run does");
        Assert.That(Enumerable.Range(10, 10).Select(n => new ItemOrder(8, 10).Of(n)), Is.Not.EqualTo(rounds[1]), "another seed");
    }

    // Two appearances of three anatomies, in batches of two items: six samples, however long the run.
    [Test]
    public void TheViewsOfAnItemStayTogether()
    {
        PretrainOptions options = TinyRun.Options with { Objective = "anatomix", Distinct = 3, Batch = 2 };
        using Objective objective = options.CreateObjective();
        using var source = new ViewSource(options, objective.Views, CPU);
        source.Start(0);
        HashSet<SampleKey> keys = [];
        for (int batch = 0; batch < 9; batch++)
        {
            ViewBatch views = source.Acquire();
            for (int item = 0; item < 2; item++)
            {
                SampleKey first = views.Tensors[ObjectiveView.FirstAppearance].Drawn[item].Key, second = views.Tensors[ObjectiveView.SecondAppearance].Drawn[item].Key;
                Assert.That((second.Anatomy, second.Appearance), Is.EqualTo((first.Anatomy, first.Appearance + 1)));
                keys.UnionWith([first, second]);
            }

            source.Release(views);
        }

        Assert.That(keys, Has.Count.EqualTo(6));
    }

    [Test]
    public void ARunOfFewItemsIsResumedToTheBit() =>
        ResumedRun.AssertToTheBit(TinyRun.Options with { Distinct = 3 }, stop: 3);

    [Test]
    public void MoreItemsThanARunSees_ChangeNothing()
    {
        using var run = new TinyRun();
        Assert.That(Losses("many", 1000), Is.EqualTo(Losses("all", null)));
        Assert.That(Losses("few", 2), Is.Not.EqualTo(Losses("all", null)));
        Assert.That(File.ReadAllText(run["few/MODEL_CARD.md"]), Does.Contain("Unique samples seen: **2**, seen 24 times in all"));
        Assert.That(File.ReadAllText(run["all/MODEL_CARD.md"]), Does.Contain("Unique samples seen: **24**, each of them once"));

        string[] Losses(string name, int? distinct) => Directory.Exists(run[name])
            ? TinyRun.Losses(run[name])
            : run.TrainWhole(TinyRun.Options with { Distinct = distinct }, name);
    }
}
