using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Reports;

public sealed class MetricsLogTests
{
    private string path = string.Empty;

    [SetUp]
    public void CreateFolder() =>
        path = Path.Combine(Directory.CreateTempSubdirectory("gpusynth-metrics-").FullName, MetricsLog.FileName);

    [TearDown]
    public void DeleteFolder() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    [Test]
    public void Numbers_ComeBackToTheBit()
    {
        Random random = new(3);
        double[] numbers =
        [
            0.1, -0.0, double.Epsilon, double.MaxValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1.0 / 3,
            .. Enumerable.Range(0, 1000).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64())).Where(double.IsFinite),
        ];
        using (MetricsLog log = MetricsLog.Open(path))
        {
            foreach ((int n, double number) in numbers.Index())
            {
                log.Append(new MetricsRow(n + 1) { [MetricsRow.Loss] = number, ["part \"a\""] = n });
            }

            log.Flush();
        }

        IReadOnlyList<MetricsRow> rows = MetricsLog.Read(path);
        Assert.That(rows.Select(row => row.Step), Is.EqualTo(Enumerable.Range(1, numbers.Length)));
        Assert.That(
            rows.Select(row => BitConverter.DoubleToInt64Bits(row[MetricsRow.Loss])),
            Is.EqualTo(numbers.Select(BitConverter.DoubleToInt64Bits)));
        Assert.That(rows[^1].Values[1], Is.EqualTo(("part \"a\"", numbers.Length - 1.0)));
    }

    [Test]
    public void ARow_IsAnObjectWithTheStepFirst()
    {
        MetricsRow row = new(12) { [MetricsRow.Loss] = 0.5, ["pull"] = double.NaN };
        Assert.That(MetricsLog.Line(row), Is.EqualTo("{\"step\":12,\"loss\":0.5,\"pull\":\"NaN\"}\n"));
        Assert.That(row["absent"], Is.NaN);
        Assert.That(() => row["step"] = 1, Throws.ArgumentException);
    }

    [Test]
    public void GoingOn_DropsLaterRowsAndATornOne()
    {
        using (MetricsLog log = MetricsLog.Open(path))
        {
            for (int step = 1; step <= 5; step++)
            {
                log.Append(new MetricsRow(step) { [MetricsRow.Loss] = step });
            }
        }

        File.AppendAllText(path, "{\"step\":6,\"lo");
        Assert.That(MetricsLog.Read(path), Has.Count.EqualTo(5));
        using (MetricsLog log = MetricsLog.Open(path, lastStep: 3))
        {
            log.Append(new MetricsRow(4) { [MetricsRow.Loss] = 40 });
        }

        Assert.That(File.ReadAllLines(path), Is.EqualTo(new[]
        {
            "{\"step\":1,\"loss\":1}", "{\"step\":2,\"loss\":2}", "{\"step\":3,\"loss\":3}", "{\"step\":4,\"loss\":40}",
        }));
    }

    [Test]
    public void RowsCanBeReadWhileTheRunGoesOn()
    {
        using MetricsLog log = MetricsLog.Open(path);
        log.Append(new MetricsRow(1) { [MetricsRow.Loss] = 1 });
        Assert.That(MetricsLog.Read(path), Has.Count.EqualTo(1));
    }

    [TestCase("nonsense")]
    [TestCase("[1]")]
    [TestCase("{\"loss\":1}")]
    [TestCase("{\"step\":-1}")]
    [TestCase("{\"step\":1,\"loss\":null}")]
    [TestCase("{\"step\":1,\"loss\":\"high\"}")]
    [TestCase("")]
    public void AForeignLine_IsNamed(string line)
    {
        File.WriteAllText(path, $"{{\"step\":1}}\n{line}\n{{\"step\":3}}\n");
        Assert.That(
            () => MetricsLog.Read(path),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("line 2 is not a row of metrics"));
    }

    [Test]
    public void AMissingFolder_IsOneSentence()
    {
        Assert.That(
            () => MetricsLog.Open(Path.Combine(path, "none", "metrics.jsonl")).Dispose(),
            Throws.TypeOf<GpuSynthException>().With.Message.StartsWith("Cannot write '"));
        Assert.That(() => MetricsLog.Read(path), Throws.TypeOf<GpuSynthException>().With.Message.StartsWith("Cannot read '"));
    }
}
