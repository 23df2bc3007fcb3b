using System.Text.Json;
using GpuSynth.Benchmarking;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Cli;

// How figures are put together; what they are is no business of a test.
public sealed class BenchmarkReportTests
{
    private static EngineOptions Tiny => new()
    {
        Recipe = Presets.Get("rasd-3d"),
        Shape = VolumeShape.Cubic(3, 5),
        Threads = 1,
    };

    [Test]
    public void QuartilesLieBetweenNeighbours() =>
        Assert.That(Spread.Of([5.0, 1, 4, 2, 3]), Is.EqualTo(new Spread(1, 2, 3, 4, 4.8, 5)));

    [Test]
    public void NoMeasurementHasNoSpread() => Assert.That(static () => Spread.Of([]), Throws.ArgumentException);

    [Test]
    public void TheReportIsJson()
    {
        var report = new BenchmarkReport
        {
            Recipe = "rasd-3d",
            Device = "host",
            Size = "10x10x10",
            Voxels = 1000,
            Labels = 2,
            Threads = 2,
            Samples = 3,
            Milliseconds = Spread.Of([1.0, 2, 4]),
            Stages = new StageTimes(0.25, 1, 0.5, 0.25),
            BatchSize = 4,
            BatchMilliseconds = Spread.Of([8.0]),
            WorkspaceBytes = 77,
            Ceilings = new ThreadCeilings(2, new Bandwidth(20, 30, 60), new Bandwidth(20, 30, 60), new Bandwidth(20, 30, 60), 400),
            Machine = MachineFacts.Current(),
            Commit = SourceCommit.Find(),
        };
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            report.WriteJson(writer);
        }

        JsonElement json = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(json.GetProperty("volumesPerSecond").GetDouble(), Is.EqualTo(500));
            Assert.That(json.GetProperty("nanosecondsPerVoxel").GetDouble(), Is.EqualTo(2000));
            Assert.That(json.GetProperty("spread").GetProperty("median").GetDouble(), Is.EqualTo(2));
            Assert.That(json.GetProperty("stages").GetProperty("anatomy").GetDouble(), Is.EqualTo(1));
            Assert.That(json.GetProperty("batch").GetProperty("volumesPerSecond").GetDouble(), Is.EqualTo(500));
            Assert.That(json.GetProperty("machine").GetProperty("cores").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
            Assert.That(json.GetProperty("commit").GetString(), Is.Not.Empty);
        });
    }

    [Test]
    public void BatchesAreMadeInTurns()
    {
        using var answers = new StringWriter();
        BenchmarkTurns.Run(Tiny, new StringReader("2\n1\n"), answers);
        string[] lines = answers.ToString().TrimEnd().Split(Environment.NewLine);
        JsonElement facts = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Length.EqualTo(3));
            Assert.That(facts.GetProperty("size").GetString(), Is.EqualTo("5x5x5"));
            Assert.That(facts.GetProperty("batch").GetInt32(), Is.EqualTo(1));
            Assert.That(facts.GetProperty("threads").GetInt32(), Is.EqualTo(1));
            Assert.That(facts.GetProperty("machine").GetProperty("cpu").GetString(), Is.Not.Empty);
            Assert.That(lines[1], Does.Match(@"^\d+\.\d{5} \d+\.\d{5}$"));
            Assert.That(lines[2], Does.Match(@"^\d+\.\d{5}$"));
        });
    }

    [TestCase("0")]
    [TestCase("some")]
    public void ATurnIsANumberOfBatches(string line) => Assert.That(
        () => BenchmarkTurns.Run(Tiny, new StringReader(line), TextWriter.Null),
        Throws.TypeOf<WrongUseException>().With.Message.EqualTo($"--turns: '{line}' is no number of batches."));
}
