using System.Text.Json;
using GpuSynth.Benchmarking;

namespace GpuSynth.Tests.Cli;

// How figures are put together; what they are is no business of a test.
public sealed class BenchmarkReportTests
{
    [Test]
    public void QuartilesLieBetweenNeighbours() =>
        Assert.That(Spread.Of([4.0, 1, 3, 2]), Is.EqualTo(new Spread(1, 1.75, 2.5, 3.25, 4)));

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
            Ceilings = new MachineCeilings(20, 400),
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
}
