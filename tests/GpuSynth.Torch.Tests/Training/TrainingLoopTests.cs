using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>What a step is given, and what it measures.</summary>
[CancelAfter(120_000)]
public sealed class TrainingLoopTests
{
    [Test]
    public void AStepReadsWhereTheKernelsWrote_AndNoSampleComesTwice()
    {
        using var loop = new TrainingLoop(TinyRun.Options);
        HashSet<ulong> seen = [];
        int batches = 0;
        loop.BatchSeen = batch =>
        {
            batches++;
            Assert.That(TensorAddress.Of(batch.Image), Is.EqualTo(batch.ImageAddress));
            Assert.That(batch.Drawn.All(drawn => seen.Add(drawn.Key.Anatomy)), "a sample that was there before");
        };
        for (int step = 0; step < 3; step++)
        {
            loop.DoStep();
        }

        Assert.That(batches, Is.EqualTo(6), "two batches make a step");
        Assert.That(seen, Has.Count.EqualTo(12));
        Assert.That(loop.HostCopiesPerBatch, Is.Zero);
    }

    [Test]
    public void ARowHasLossPartsRateSpeedAndWaiting()
    {
        using var loop = new TrainingLoop(TinyRun.Options with { Objective = "rasd" });
        MetricsRow row = loop.DoStep();
        Assert.That(row.Step, Is.EqualTo(1));
        Assert.That(row[MetricsRow.Loss], Is.EqualTo(row["pull"] + row["push"]).Within(1e-12));
        Assert.That(row[MetricsRow.LearningRate], Is.EqualTo(0.5e-3).Within(1e-12));
        Assert.That(row[MetricsRow.GradientNorm], Is.GreaterThan(0));
        Assert.That(row[MetricsRow.WaitShare], Is.InRange(0, 1));
        Assert.That(row[MetricsRow.VolumesPerSecond] * row[MetricsRow.Seconds], Is.EqualTo(4).Within(1e-9));
    }

    [Test]
    public void AStepLeavesNoTensorBehind([Values("rasd-cosine", "segment", "misfm", "multitask", "mae", "mae-clean", "spark", "anatomix", "anatomix-balanced", "voco")] string objective)
    {
        using var loop = new TrainingLoop(TinyRun.For(objective));
        loop.DoStep();
        loop.DoStep();
        // What other tests left to the collector would be counted as this loop's own.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = TorchSharp.torch.Tensor.TotalCount;
        for (int step = 0; step < 10; step++)
        {
            loop.DoStep();
        }

        Assert.That(TorchSharp.torch.Tensor.TotalCount, Is.LessThanOrEqualTo(before));
    }

    [Test]
    public void AccumulatedBatchesAreOneLargeBatch()
    {
        // Instance norm, no dropout: samples do not see each other, so that only the order of sums differs.
        PretrainOptions one = TinyRun.Options with
        {
            Network = TinyRun.Options.Network with { Dropout = 0 }, Batch = 4, Accumulate = 1,
        };
        using var whole = new TrainingLoop(one);
        using var parts = new TrainingLoop(one with { Batch = 2, Accumulate = 2 });
        for (int step = 0; step < 3; step++)
        {
            MetricsRow expected = whole.DoStep(), row = parts.DoStep();
            Assert.That(row[MetricsRow.Loss], Is.EqualTo(expected[MetricsRow.Loss]).Within(1e-4));
            double norm = expected[MetricsRow.GradientNorm];
            Assert.That(row[MetricsRow.GradientNorm], Is.EqualTo(norm).Within(1e-3 * norm));
        }
    }

    [Test]
    public void InBfloat16OnTheHostTheLossGoesTheSameWay_AndAgainToTheBit([Values("rasd-cosine", "segment")] string objective)
    {
        PretrainOptions exact = TinyRun.For(objective) with
        {
            Network = TinyRun.Options.Network with { Channels = [16, 32], OutChannels = 16, Dropout = 0 },
            Schedule = ScheduleKind.Constant,
        };
        double[] Losses(PretrainOptions options)
        {
            using var loop = new TrainingLoop(options);
            return [.. Enumerable.Range(0, 8).Select(_ => loop.DoStep()[MetricsRow.Loss])];
        }

        double[] expected = Losses(exact), losses = Losses(exact with { Precision = Precision.Bf16 });
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.That(losses[step], Is.EqualTo(expected[step]).Within(0.02 * expected[step]), $"step {step}");
        }

        Assert.That(Losses(exact with { Precision = Precision.Bf16 }), Is.EqualTo(losses));
    }
}
