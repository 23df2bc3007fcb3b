using System.Runtime.InteropServices;
using GpuSynth.Cli;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Tests.FineTuning;
using GpuSynth.Torch.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

public sealed class VisionTransformerTests
{
    /// <summary>Milliseconds a step: patches of 4, two blocks of 12 channels.</summary>
    internal static NetworkOptions Tiny { get; } =
        NetworkOptions.SmallVit(3) with { PatchSize = 4, HiddenSize = 12, Depth = 2, Heads = 2, OutChannels = 6 };

    [Test]
    public void Positions_AreMonais()
    {
        // Place (0, 1, 0), which MONAI calls w = 1.
        float[] volume = SinCosPositions.Values([2, 3, 2], 12)[(2 * 12)..(3 * 12)];
        Assert.That(
            volume, Is.EqualTo((double[])[0.841471, 0.00999983, 0.540302, 0.99995, 0, 0, 1, 1, 0, 0, 1, 1]).Within(1e-6));
        // Place (2, 1) of an image: sines and cosines of the second axis first.
        float[] image = SinCosPositions.Values([3, 2], 8)[(5 * 8)..];
        Assert.That(image, Is.EqualTo((double[])
        [
            Math.Sin(1), Math.Sin(0.01), Math.Cos(1), Math.Cos(0.01), Math.Sin(2), Math.Sin(0.02), Math.Cos(2), Math.Cos(0.02),
        ]).Within(1e-6));
    }

    [Test]
    public void Patches_AreInArrayOrder_AndTheirVoxels_WithChannelsLast()
    {
        using DisposeScope scope = NewDisposeScope();
        NetworkOptions options = Tiny with { Dimensions = 2, InChannels = 2 };
        Tensor image = arange(Scalars.Of(0), Scalars.Of(2 * 8 * 12), Scalars.Of(1)).reshape(1, 2, 8, 12).to_type(ScalarType.Float32);
        PatchGrid grid = PatchGrid.Of(image, options);
        Assert.That(grid.Counts, Is.EqualTo((long[])[2, 3]));
        float[] voxels = Values(grid.Voxels(image));
        for (int n = 0; n < voxels.Length; n++)
        {
            (int patch, int rest) = Math.DivRem(n, 32);
            (int row, int column) = ((4 * (patch / 3)) + (rest / 8), (4 * (patch % 3)) + (rest / 2 % 4));
            Assert.That(voxels[n], Is.EqualTo((rest % 2 * 96) + (row * 12) + column), $"value {n}");
        }

        float[] map = Values(grid.ToMap(arange(Scalars.Of(0), Scalars.Of(12), Scalars.Of(1)).reshape(1, 6, 2)));
        Assert.That(map, Is.EqualTo((float[])[0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]), "token by token to channel by channel");
    }

    [Test]
    public void Attention_IsSoftmaxOfProducts()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        using var attention = new TokenAttention(6, 2);
        Tensor tokens = randn([2, 5, 6]);
        Tensor weight = attention.get_parameter("qkv.weight")!.to_type(ScalarType.Float64), bias = attention.get_parameter("qkv.bias")!;
        Tensor parts = tokens.to_type(ScalarType.Float64).matmul(weight.t()) + bias;
        Tensor[] heads = [.. Enumerable.Range(0, 2).Select(head =>
        {
            Tensor Part(int which) => parts.narrow(2, (6 * which) + (3 * head), 3);
            return (Part(0).matmul(Part(1).transpose(1, 2)) / Math.Sqrt(3)).softmax(-1).matmul(Part(2));
        })];
        Tensor expected = cat(heads, 2).matmul(attention.get_parameter("proj.weight")!.to_type(ScalarType.Float64).t())
            + attention.get_parameter("proj.bias")!;
        Assert.That((attention.call(tokens) - expected).abs().max().item<double>(), Is.LessThan(1e-6));
    }

    // The parameters of the encoder: D = 96, 6 blocks, patches of 8: 671k of blocks, 49k of a 3D patch.
    [TestCase(3, 720_288 + 96 + 192)]
    [TestCase(2, 677_280 + 96 + 192)]
    public void TheEncoderIsThatOfTheSpecification(int dimensions, int parameters)
    {
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SmallVit(dimensions));
        (string Name, Tensor Tensor)[] state = [.. Weights.State(network)];
        Assert.That(state.Where(one => network.IsEncoder(one.Name)).Sum(static one => one.Tensor.numel()), Is.EqualTo(parameters));
        Assert.That(network.ParameterCount, Is.InRange(800_000, 1_300_000));
        Assert.That(state.Select(static one => one.Name), Is.SupersetOf(network.HeadNames));
    }

    [Test]
    public void Names_AreTheFileFormat()
    {
        using SegmentationNetwork network = NetworkFactory.Create(Tiny);
        string[] state = [.. Weights.State(network).Select(static one => $"{one.Name} {string.Join('x', one.Tensor.shape)}")];
        Assert.That(state[..15], Is.EqualTo((string[])
        [
            "vit.cls_token 1x1x12", "vit.patch_embed.proj.weight 12x1x4x4x4", "vit.patch_embed.proj.bias 12",
            "vit.blocks.0.norm1.weight 12", "vit.blocks.0.norm1.bias 12", "vit.blocks.0.attn.qkv.weight 36x12",
            "vit.blocks.0.attn.qkv.bias 36", "vit.blocks.0.attn.proj.weight 12x12", "vit.blocks.0.attn.proj.bias 12",
            "vit.blocks.0.norm2.weight 12", "vit.blocks.0.norm2.bias 12", "vit.blocks.0.mlp.linear1.weight 48x12",
            "vit.blocks.0.mlp.linear1.bias 48", "vit.blocks.0.mlp.linear2.weight 12x48", "vit.blocks.0.mlp.linear2.bias 12",
        ]));
        string[] decoder =
            [.. state.Where(static one => one.StartsWith("decoder", StringComparison.Ordinal)).Select(static one => one.Split('.')[1]).Distinct()];
        Assert.That(decoder, Is.EqualTo((string[])["up2", "skip2", "join2", "up1", "skip1", "join1"]));
        Assert.That(state[^2..], Is.EqualTo((string[])["out.weight 6x8x1x1x1", "out.bias 6"]));
    }

    [Test]
    public void InitialWeights_AreATransformers()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SmallVit(3));
        void IsXavier(string name, int inputs, int outputs)
        {
            using Tensor weight = network.get_parameter(name)!.detach().abs();
            double bound = Math.Sqrt(6.0 / (inputs + outputs));
            Assert.That(weight.max().item<float>(), Is.InRange(0.99 * bound, bound * 1.000001), name);
            Assert.That(weight.mean().item<float>(), Is.EqualTo(bound / 2).Within(0.02 * bound), name);
        }

        IsXavier("vit.patch_embed.proj.weight", 512, 96);
        IsXavier("vit.blocks.5.attn.qkv.weight", 96, 288);
        IsXavier("vit.blocks.0.mlp.linear2.weight", 384, 96);
        Assert.That(network.get_parameter("vit.cls_token")!.detach().std(false).item<float>(), Is.InRange(0.015, 0.025));
        foreach ((string name, TorchSharp.Modules.Parameter one) in network.named_parameters())
        {
            if (network.IsEncoder(name) && name.EndsWith(".bias", StringComparison.Ordinal))
            {
                Assert.That(one.detach().abs().max().item<float>(), Is.Zero, name);
            }
        }
    }

    [TestCase(3, "encoder/8 block 2 96", "encoder/8 block 4 96", "deepest/8 96", "decoder/4 32", "decoder/2 16", "output/1 8")]
    [TestCase(2, "encoder/8 block 2 96", "encoder/8 block 4 96", "deepest/8 96", "decoder/4 32", "decoder/2 16", "output/1 8")]
    public void Maps_AreThoseOfTheTapsAndOfTheDecoder_OfAnySides(int dimensions, params string[] expected)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SmallVit(dimensions) with { OutChannels = 3 });
        network.eval();
        using IDisposable unrecorded = no_grad();
        foreach (long[] sides in (long[][])[[16, 24, 8], [8, 16, 32]])
        {
            Tensor image = rand([2, 1, .. sides.Take(dimensions)]);
            IReadOnlyList<FeatureMap> maps = network.FeatureMaps(image);
            Assert.That(maps.Select(static map => $"{map.Name} {map.Values.shape[1]}"), Is.EqualTo(expected));
            Assert.That(maps.Select(static map => map.Name), Is.Unique);
            foreach (FeatureMap map in maps)
            {
                Assert.That(map.Values.shape.Skip(2), Is.EqualTo(image.shape.Skip(2).Select(side => side / map.Stride)), map.Name);
            }

            IReadOnlyList<FeatureMap> down = network.FeatureMaps(image, encoderOnly: true);
            Assert.That(down.Zip(maps, static (one, other) => one.Values.eq(other.Values).all().item<bool>()), Is.EqualTo((bool[])[true, true, true]));
            Tensor weight = network.get_parameter("out.weight")!, bias = network.get_parameter("out.bias")!;
            Tensor output = dimensions == 2
                ? nn.functional.conv2d(maps[^1].Values, weight, bias)
                : nn.functional.conv3d(maps[^1].Values, weight, bias);
            Assert.That(network.call(image).allclose(output, 1e-5, 1e-6), Is.True);
        }
    }

    [Test]
    public void Trains_AndEveryParameterHasAGradient([Values(2, 3)] int dimensions)
    {
        using SegmentationNetwork network = NetworkFactory.Create(Tiny with { Dimensions = dimensions });
        MonaiGolden.AssertTrains(network, [2, 1, .. new long[] { 8, 16, 8 }.Take(dimensions)]);
    }

    [Test]
    public void Weights_GoToAFileAndIntoAModelOfClasses()
    {
        using DisposeScope scope = NewDisposeScope();
        using FineTuneFolder folder = new();
        string path = folder.WeightsOf(Tiny);
        using SafeTensorsFile file = SafeTensors.Read(path);
        Assert.That(NetworkOptions.FromJson(file.Metadata[Weights.NetworkKey]), Is.EqualTo(Tiny));
        using SegmentationNetwork network = NetworkFactory.Create(Tiny);
        Weights.Load(network, path);
        using SegmentationNetwork model = FineTuneModel.Create(Tiny, 3);
        Assert.That(model, Is.InstanceOf<VisionTransformer>(), "the head is the network's own");
        WeightTransfer all = FineTuneModel.LoadPretrained(model, file.Tensors);
        Assert.That(all.Missing.Concat(all.Mismatched), Is.EquivalentTo(model.HeadNames));
        Tensor image = rand([1, 1, 8, 12, 8]);
        Assert.That(model.FeatureMaps(image)[^1].Values.eq(network.FeatureMaps(image)[^1].Values).all().item<bool>(), Is.True);
        using SegmentationNetwork half = FineTuneModel.Create(Tiny, 3);
        WeightTransfer encoder = FineTuneModel.LoadPretrained(half, file.Tensors, encoderOnly: true);
        Assert.That(encoder.Copied, Has.Count.EqualTo(3 + (2 * 12) + 2).And.All.StartsWith("vit."));

        // Two channels that are the same give what one gave.
        using SegmentationNetwork two = FineTuneModel.Create(Tiny with { InChannels = 2 }, 3);
        WeightTransfer repeated = FineTuneModel.LoadPretrained(two, file.Tensors);
        Assert.That(repeated.Repeated, Has.Count.EqualTo(3), "patches; convolution and shortcut of the image");
        Tensor difference = two.FeatureMaps(cat([image, image], 1))[^1].Values - network.FeatureMaps(image)[^1].Values;
        Assert.That(difference.abs().max().item<float>(), Is.LessThan(1e-4f));
    }

    [Test]
    public void RateFactors_FallFromTheBlocksToThePatches()
    {
        using SegmentationNetwork network = NetworkFactory.Create(Tiny);
        Dictionary<string, double> factors = network.named_parameters().Zip(new RateFactors { LayerDecay = 0.5 }.Of(network))
            .ToDictionary(static pair => pair.First.name, static pair => pair.Second);
        Assert.That(
            new[]
            {
                "vit.cls_token", "vit.patch_embed.proj.weight", "vit.blocks.0.attn.qkv.bias", "vit.blocks.1.norm1.weight", "vit.norm.weight",
                "decoder.up2.conv.weight", "out.bias",
            }.Select(name => factors[name]),
            Is.EqualTo((double[])[0.125, 0.125, 0.25, 0.5, 1, 1, 1]));
    }

    [Test]
    public void ImagesThatPatchesDoNotFill_AreRefusedBeforeTorchSeesThem()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationNetwork network = NetworkFactory.Create(Tiny);
        Assert.That(
            () => network.CheckShape(VolumeShape.Volume(8, 10, 8)),
            Throws.TypeOf<GpuSynthException>().With.Message.EqualTo(
                "The network's sides are multiples of 4, and 8x10x8 does not fit: take 8x8x8 or 8x12x8."));
        foreach (long[] shape in (long[][])[[1, 1, 8, 10, 8], [1, 1, 8, 8], [1, 2, 8, 8, 8]])
        {
            Assert.That(
                () => network.call(zeros(shape)), Throws.ArgumentException.With.Message.Contains("multiples of 4"), string.Join('x', shape));
        }

        Assert.That(() => ((VisionTransformer)network).FeatureMaps(zeros([0, 1, 0, 8, 8])), Throws.ArgumentException);
    }

    // Weights of two steps, judged, fine-tuned, and used, by the tool itself.
    [Category("Slow")]
    [Test]
    public void EveryCommandTakesIt()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(6);
        string Out(string name) => Path.Combine(folder.Root, name);
        Assert.That(Tool("pretrain", "--net", "vit", "--size", "16", "--steps", "2", "--threads", "1", "--out", Out("run")), Does.Contain("2 steps, loss"));
        Assert.That(
            File.ReadAllText(Out("run/MODEL_CARD.md")),
            Does.Contain("vision transformer 3D, patches of 8").And.Contain("library_name: gpusynth").And.Not.Contain("monai.networks"));
        Assert.That(
            Tool(
                "probe", "--data", folder.Root, "--init", Out("run"), "--train-cases", "2", "--eval-cases", "2", "--voxels", "100", "--random-seeds", "1",
                "--out", Out("probed")),
            Does.Contain("encoder/8 block 4").And.Contain("deepest/8"));
        string[] budget = ["--data", folder.Root, "--steps", "4", "--validations", "1", "--patch", "16"];
        Assert.That(
            Tool(["finetune", "--init", Out("run"), "--compare", "--layer-decay", "0.75", "--drop-path", "0.2", "--out", Out("tuned"), .. budget]),
            Does.Contain("pretrained - none, Dice"));
        Assert.That(Tool(["finetune", "--net", "vit", "--out", Out("scratch"), .. budget]), Does.Contain("| none"));
        Tool("predict", "--model", Out("tuned"), "--in", Out("images"), "--out", Out("predicted"));
        Assert.That(Directory.GetFiles(Out("predicted"), "case_*.nii.gz"), Has.Length.EqualTo(6));
    }

    private static string Tool(params string[] args)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        Assert.That(Program.Run(args, new Output(data, messages), interruption), Is.Zero, messages.ToString());
        return data.ToString();
    }

    private static float[] Values(Tensor tensor)
    {
        using Tensor dense = tensor.to_type(ScalarType.Float32).contiguous();
        return MemoryMarshal.Cast<byte, float>(dense.bytes).ToArray();
    }
}
