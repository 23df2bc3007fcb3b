using GpuSynth.Torch.Probing;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Tests.FineTuning;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Probing;

/// <summary>Probes of a run in training change nothing of it.</summary>
internal sealed class CheckpointProbeTests
{
    private static readonly string[] Names = [MetricsRow.ProbeDice, MetricsRow.ProbeOutputDice, MetricsRow.ProbeHandMadeDice];

    [Test]
    public void Steps_AreApartByAboutThree()
    {
        Assert.That(
            Enumerable.Range(0, 3501).Where(static step => ICheckpointProbe.IsDue(step, 3500)),
            Is.EqualTo(new[] { 0, 10, 30, 100, 300, 1000, 3000, 3500 }));
    }

    // Dropout is on: a random number that a probe drew would show, and so would a network left in eval mode.
    [Category("Slow")]
    [TestCase(Precision.Fp32)]
    [TestCase(Precision.Bf16)]
    public void AProbedRun_TrainsAsOneThatIsNot_InterruptedOrNot(Precision precision)
    {
        using var run = new TinyRun();
        using FineTuneFolder data = FineTuneFolder.WithCases(6);
        PretrainOptions options = TinyRun.Options with { Steps = 12, Precision = precision };
        string[] plain = run.TrainWhole(options, "plain");
        CheckpointProbe probe = CheckpointProbe.Open(data.Root, options.Network, 2);
        using (PretrainRun whole = PretrainRun.Begin(run["probed"], options, "gpusynth pretrain"))
        {
            whole.Probe = probe;
            TinyRun.Train(whole);
        }

        using (PretrainRun cut = PretrainRun.Begin(run["cut"], options, "gpusynth pretrain"))
        {
            cut.Probe = probe;
            TinyRun.Train(cut, until: 11);
        }

        using (PretrainRun rest = PretrainRun.Resume(run["cut"], null, static _ => { }))
        {
            rest.Probe = probe;
            TinyRun.Train(rest);
        }

        IReadOnlyList<MetricsRow> rows = MetricsLog.Read(Path.Combine(run["probed"], MetricsLog.FileName));
        Assert.That(rows.Where(static row => row.TryGet(MetricsRow.ProbeDice, out _)).Select(static row => row.Step), Is.EqualTo(new[] { 0L, 10, 12 }));
        Assert.That(rows.Select(static row => row[MetricsRow.ProbeHandMadeDice]).Where(static value => !double.IsNaN(value)), Is.All.GreaterThan(0.5));
        Assert.That(TinyRun.Losses(run["cut"]), Is.EqualTo(TinyRun.Losses(run["probed"])));
        Assert.That(TinyRun.Losses(run["probed"]).Skip(1).Select(Bare), Is.EqualTo(plain));
        Assert.That(
            File.ReadAllBytes(Path.Combine(run["probed"], CheckpointReader.WeightsName)),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(run["plain"], CheckpointReader.WeightsName))));
        Assert.That(File.ReadAllText(Path.Combine(run["probed"], "report.html")), Does.Contain("random weights, best level"));
    }

    private static string Bare(string line) =>
        string.Join(' ', line.Split(' ').Where(static part => !Names.Contains(part.Split('=')[0])));
}
