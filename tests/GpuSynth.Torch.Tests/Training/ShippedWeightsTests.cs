using GpuSynth.IO;
using GpuSynth.Tests.Architecture;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>Weights that come with the library: they open by name, their cards are of them, and what a user has of the same name goes first.</summary>
[NonParallelizable]
public sealed class ShippedWeightsTests
{
    [Test]
    public void EveryNameOpens_AndItsCardIsOfThisFile()
    {
        Assert.That(ShippedWeights.Names, Is.EqualTo(["best-2d", "best-3d"]));
        long bytes = 0;
        foreach (string name in ShippedWeights.Names)
        {
            using CheckpointReader reader = CheckpointReader.Open(name);
            using SegmentationNetwork network = NetworkFactory.Create(reader.Network);
            Weights.LoadStrict(network, reader.NetworkTensors, name);
            string card = File.ReadAllText(Path.Combine(Repository.Root, "src", "GpuSynth.Torch", "Weights", name + ".md"));
            Assert.That(card, Does.Contain(Checksum.Sha256(reader.Path)).And.Contain($"`{reader.RecipeName}`").And.Contain($"| Objective | {reader.Objective} |"));
            Assert.That(name, Does.EndWith($"{reader.Network.Dimensions}d"));
            bytes += new FileInfo(reader.Path).Length;
        }

        Assert.That(bytes, Is.LessThan(10_000_000), "of all in the repository");
    }

    [Test]
    public void AFolderOrFileOfTheNameGoesFirst()
    {
        string before = Directory.GetCurrentDirectory(), own = Directory.CreateTempSubdirectory("gpusynth-weights-").FullName;
        try
        {
            Directory.SetCurrentDirectory(own);
            Assert.That(Path.IsPathRooted(ShippedWeights.PathOf("best-2d")), Is.True);
            Directory.CreateDirectory("best-2d");
            Assert.That(ShippedWeights.PathOf("best-2d"), Is.EqualTo("best-2d"));
            Assert.That(() => CheckpointReader.Open("best-2d"), Throws.TypeOf<CheckpointException>().With.Message.Contains("holds neither"));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            Directory.Delete(own, recursive: true);
        }
    }

    [Test]
    public void AnotherNameIsToldWhichThereAre() => Assert.That(
        () => CheckpointReader.Open("best-4d"),
        Throws.TypeOf<CheckpointException>().With.Message.Contains("best-4d").And.Message.Contains("of weights that come with gpusynth there are best-2d, best-3d"));
}
