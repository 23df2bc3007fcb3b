using System.Runtime.InteropServices;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.ReadOuts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Classification;

/// <summary>
/// A network's encoder with a head for classes: the mean over the deepest map (or the means of all levels of the encoder), a batch
/// norm without weights (epsilon 1e-6, as in the probe of MAE, He et al., 2022), a linear layer.
/// </summary>
internal sealed class Classifier : NamedModule
{
    /// <summary>Of the norm before the head, and of the probe's z-scores.</summary>
    public const double NormEpsilon = 1e-6;

    private const string BodyPrefix = "body.";
    private const string HeadPrefix = "classifier.";
    private const int EvaluationBatch = 64;

    private readonly BatchNorm1d norm;
    private readonly Linear linear;
    private readonly ImagePreparation preparation;
    private readonly Device device;

    /// <summary>A classifier whose new weights are drawn from a seed; the body's are then to be loaded, or stay new.</summary>
    public Classifier(NetworkOptions network, ImagePreparation preparation, ulong seed, Device device)
        : base("Classifier")
    {
        (this.preparation, this.device) = (preparation, device);
        manual_seed((long)seed);
        Body = Register("body", NetworkFactory.Create(network));
        using (no_grad())
        using (DisposeScope scope = NewDisposeScope())
        {
            Body.eval();
            FeatureCount = (int)Pool(zeros([1, preparation.Channels, .. preparation.Size.Select(static side => (long)side)])).shape[1];
        }

        norm = Register("norm", nn.BatchNorm1d(FeatureCount, eps: NormEpsilon, affine: false));
        linear = Register("linear", nn.Linear(FeatureCount, preparation.Classes.Length));
        _ = this.to(device);
    }

    /// <summary>The network; its way up is not used.</summary>
    public SegmentationNetwork Body { get; }

    /// <summary>Features of an image.</summary>
    public int FeatureCount { get; }

    /// <summary>Reads a classifier that <see cref="Save"/> wrote.</summary>
    public static (Classifier Classifier, ImagePreparation Preparation) Load(string path, Device device)
    {
        using SafeTensorsFile file = SafeTensors.Read(path);
        if (!file.Metadata.TryGetValue(ImagePreparation.Key, out string? text)
            || !file.Metadata.TryGetValue(Weights.NetworkKey, out string? network))
        {
            throw new CheckpointException(
                $"'{path}' holds no classifier; name the weights of an arm of 'gpusynth finetune --task classification'.");
        }

        ImagePreparation preparation = ImagePreparation.FromJson(text);
        var classifier = new Classifier(NetworkOptions.FromJson(network), preparation, 0, device);
        try
        {
            Weights.LoadStrict(classifier, file.Tensors.ToDictionary(
                static pair => pair.Key.StartsWith(HeadPrefix, StringComparison.Ordinal)
                    ? pair.Key[HeadPrefix.Length..]
                    : BodyPrefix + pair.Key,
                static pair => pair.Value), path);
            return (classifier, preparation);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <summary>Logits [B, classes] of images [B, C, (D,) H, W].</summary>
    public override Tensor forward(Tensor input) => linear.call(norm.call(Pool(input)));

    /// <summary>What the learning rate of every parameter is multiplied by; the head's by 1.</summary>
    public double[] FactorsOf(RateFactors body) =>
        [.. body.Of(Body), .. Enumerable.Repeat(1.0, parameters().Count() - Body.parameters().Count())];

    /// <summary>Makes the head that of a linear probe: its norm has the probe's statistics.</summary>
    public void TakeProbe(ChannelScale scale, MultinomialLogistic probe)
    {
        using IDisposable unrecorded = no_grad();
        using DisposeScope scope = NewDisposeScope();
        norm.running_mean!.copy_(tensor(scale.Means, ScalarType.Float32));
        norm.running_var!.copy_(tensor(scale.Variances, ScalarType.Float32));
        float[] weights = new float[preparation.Classes.Length * FeatureCount];
        for (int n = 0; n < weights.Length; n++)
        {
            weights[n] = (float)probe.Weight(n / FeatureCount, n % FeatureCount);
        }

        linear.weight!.copy_(tensor(weights).reshape(-1, FeatureCount));
        linear.bias!.copy_(tensor([.. preparation.Classes.Select((_, k) => (float)probe.Bias(k))]));
    }

    /// <summary>Lets batch norms of new weights measure images, so that frozen they are a control for trained ones.</summary>
    /// <param name="images">Of training; they are taken from all over the list, which may be in the order of classes.</param>
    /// <param name="seed">Of what drops out meanwhile.</param>
    public void MeasureNorms(IReadOnlyList<float[]> images, ulong seed)
    {
        using var dropout = new DropoutRandom(seed);
        int each = Math.Clamp(images.Count / BatchNorms.Passes, 2, EvaluationBatch);
        long total = each * BatchNorms.Passes;
        BatchNorms.Measure(
            Body,
            pass => Input([.. Enumerable.Range(0, each).Select(n => images[(int)(((n * BatchNorms.Passes) + pass) * (long)images.Count / total)])]),
            encoderOnly: true);
    }

    /// <summary>Features [images, <see cref="FeatureCount"/>] of the network as it is.</summary>
    public float[] FeaturesOf(IReadOnlyList<float[]> images) => Outputs(images, Pool);

    /// <summary>Probabilities [images][classes].</summary>
    public double[][] Predict(IReadOnlyList<float[]> images) =>
    [
        .. Outputs(images, input => call(input)).Chunk(preparation.Classes.Length).Select(static row =>
        {
            double[] scores = [.. row.Select(static value => (double)value)];
            MultinomialLogistic.Softmax(scores);
            return scores;
        }),
    ];

    /// <summary>Images of a batch as one tensor on the network's device.</summary>
    public Tensor Input(IReadOnlyList<float[]> images)
    {
        float[] values = [.. images.SelectMany(static image => image)];
        return tensor(values).reshape([images.Count, preparation.Channels, .. preparation.Size.Select(static side => (long)side)])
            .to(device);
    }

    /// <summary>Writes the weights: the network's under their own names, the head's under "classifier.".</summary>
    public void Save(string path) => SafeTensors.Write(
        path,
        [
            .. Weights.State(this).Select(static entry => entry.Name.StartsWith(BodyPrefix, StringComparison.Ordinal)
                ? (entry.Name[BodyPrefix.Length..], entry.Tensor)
                : (HeadPrefix + entry.Name, entry.Tensor)),
        ],
        new Dictionary<string, string>
        {
            ["format"] = "pt",
            [Weights.NetworkKey] = Body.Options.ToJson(),
            [ImagePreparation.Key] = preparation.ToJson(),
        });

    private Tensor Pool(Tensor input)
    {
        Tensor[] means =
        [
            .. Body.FeatureMaps(input, encoderOnly: true)
                .Where(map => map.Part == FeaturePart.Deepest || (preparation.PoolAll && map.Part == FeaturePart.Encoder))
                .Select(static map => map.Values.flatten(2).mean([2])),
        ];
        return cat(means, 1);
    }

    private float[] Outputs(IReadOnlyList<float[]> images, Func<Tensor, Tensor> of)
    {
        eval();
        using IDisposable unrecorded = no_grad();
        var all = new List<float>();
        foreach (float[][] batch in images.Chunk(EvaluationBatch))
        {
            using DisposeScope scope = NewDisposeScope();
            using Tensor values = of(Input(batch)).to(CPU).contiguous();
            all.AddRange(MemoryMarshal.Cast<byte, float>(values.bytes));
        }

        return [.. all];
    }
}
