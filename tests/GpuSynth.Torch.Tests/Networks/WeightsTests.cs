using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

public sealed class WeightsTests
{
    private static readonly NetworkOptions Small = new() { OutChannels = 6, Channels = [4, 8], Strides = [2], Norm = "batch" };

    [Test]
    public void SavedWeights_LoadIntoAnotherNetwork()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "weights-round-trip.safetensors");
        using SegmentationNetwork first = NetworkFactory.Create(Small);
        using SegmentationNetwork second = NetworkFactory.Create(Small);
        Weights.Save(first, path);
        Weights.Load(second, path);
        foreach (((string name, Tensor a), (_, Tensor b)) in Weights.State(first).Zip(Weights.State(second)))
        {
            using Tensor left = a.detach();
            using Tensor right = b.detach();
            Assert.That(left.bytes.SequenceEqual(right.bytes), name);
        }

        using SafeTensorsFile file = SafeTensors.Read(path);
        Assert.That(NetworkOptions.FromJson(file.Metadata[Weights.NetworkKey]), Is.EqualTo(Small));
    }

    [Test]
    public void OtherShapes_AreRefusedByName_AndNothingChanges()
    {
        using SegmentationNetwork source = NetworkFactory.Create(Small with { OutChannels = 7 });
        using SegmentationNetwork target = NetworkFactory.Create(Small);
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "weights-other-shape.safetensors");
        Weights.Save(source, path);
        using Tensor before = Weights.State(target)[0].Tensor.detach().clone();
        Assert.That(
            () => Weights.Load(target, path),
            Throws.InstanceOf<CheckpointException>().With.Message.EqualTo(
                $"'model.2.0.conv.weight' is [12, 7, 3, 3, 3] in '{path}' and [12, 6, 3, 3, 3] in the network: "
                + "use weights of this network."));
        using Tensor after = Weights.State(target)[0].Tensor.detach();
        Assert.That(after.bytes.SequenceEqual(before.bytes));
    }

    [Test]
    public void MissingAndForeignNames_AreRefused()
    {
        using SegmentationNetwork network = NetworkFactory.Create(Small);
        Dictionary<string, Tensor> state = Weights.State(network).ToDictionary(static e => e.Name, static e => e.Tensor);
        state.Remove("model.0.conv.unit0.conv.weight");
        Assert.That(
            () => Weights.LoadStrict(network, state, "file"),
            Throws.InstanceOf<CheckpointException>().With.Message.Contains("'file' lacks 'model.0.conv.unit0.conv.weight'"));
        state = Weights.State(network).ToDictionary(static e => e.Name, static e => e.Tensor);
        state.Add("model.9.weight", state.Values.First());
        Assert.That(
            () => Weights.LoadStrict(network, state, "file"),
            Throws.InstanceOf<CheckpointException>().With.Message.Contains("holds 'model.9.weight'"));
    }

    [Test]
    public void UNet_FineTunes_WithTheWholeBodyAndANewHead()
    {
        using SegmentationNetwork pretrained = NetworkFactory.Create(Small);
        using SegmentationNetwork model = FineTuneModel.Create(Small, classes: 3);
        Dictionary<string, Tensor> state = Weights.State(pretrained).ToDictionary(static e => e.Name, static e => e.Tensor);
        WeightTransfer transfer = FineTuneModel.LoadPretrained(model, state);
        Assert.That(transfer.Copied, Has.Count.EqualTo(state.Count));
        Assert.That(transfer.Mismatched, Is.Empty);
        Assert.That(transfer.Missing, Is.EqualTo(model.HeadNames));
        using Tensor output = model.call(MonaiGolden.Image(2, 1, 4, 4, 8));
        Assert.That(output.shape, Is.EqualTo(new long[] { 2, 3, 4, 4, 8 }));
        using SegmentationNetwork again = FineTuneModel.Create(Small, classes: 3);
        Weights.LoadStrict(again, Weights.State(model).ToDictionary(static e => e.Name, static e => e.Tensor), "model");
    }

    [Test]
    public void Swin_FineTunes_WithAllButItsLastConvolution()
    {
        NetworkOptions options = NetworkOptions.SwinUnetr(12);
        using SegmentationNetwork pretrained = NetworkFactory.Create(options);
        using SegmentationNetwork model = FineTuneModel.Create(options, classes: 3);
        Dictionary<string, Tensor> state = Weights.State(pretrained).ToDictionary(static e => e.Name, static e => e.Tensor);
        WeightTransfer transfer = FineTuneModel.LoadPretrained(model, state);
        Assert.That(transfer.Mismatched, Is.EquivalentTo(model.HeadNames));
        Assert.That(transfer.Missing, Is.Empty);
        Assert.That(transfer.Copied, Has.Count.EqualTo(state.Count - 2));
    }

    [Test]
    public void ForeignWeights_AreNoPretraining()
    {
        using SegmentationNetwork model = FineTuneModel.Create(Small, classes: 3);
        using Tensor other = zeros(3);
        Assert.That(
            () => FineTuneModel.LoadPretrained(model, new Dictionary<string, Tensor> { ["encoder.weight"] = other }),
            Throws.InstanceOf<CheckpointException>());
    }

    [Test]
    public void WeightsOfAnotherNetwork_AreRefusedByName()
    {
        using SegmentationNetwork pretrained = NetworkFactory.Create(Small);
        using SegmentationNetwork model = FineTuneModel.Create(Small, classes: 3);
        using Tensor other = zeros(3);
        Dictionary<string, Tensor> state = Weights.State(pretrained).ToDictionary(static e => e.Name, static e => e.Tensor);
        foreach ((string name, Tensor? tensor, string words) in new[]
        {
            ("model.0.conv.unit0.conv.weight", null, "'model.0.conv.unit0.conv.weight' first"),
            ("model.0.conv.unit0.conv.weight", other, "'model.0.conv.unit0.conv.weight' first"),
            ("model.9.weight", other, "holds 'model.9.weight'"),
        })
        {
            Dictionary<string, Tensor> changed = new(state);
            changed.Remove(name);
            if (tensor is not null)
            {
                changed.Add(name, tensor);
            }

            Assert.That(
                () => FineTuneModel.LoadPretrained(model, changed),
                Throws.InstanceOf<CheckpointException>().With.Message.Contains(words));
        }

        Assert.That(FineTuneModel.LoadPretrained(model, state).Copied, Has.Count.EqualTo(state.Count));
    }

    [Test]
    public void SameSeed_SameNetwork()
    {
        manual_seed(5);
        using SegmentationNetwork first = NetworkFactory.Create(Small);
        manual_seed(5);
        using SegmentationNetwork second = NetworkFactory.Create(Small);
        using Tensor a = Weights.State(first)[0].Tensor.detach();
        using Tensor b = Weights.State(second)[0].Tensor.detach();
        Assert.That(a.bytes.SequenceEqual(b.bytes));
    }
}
