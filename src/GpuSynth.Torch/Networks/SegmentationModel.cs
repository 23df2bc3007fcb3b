using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// A pre-trained body with all its weights, and on its features a new 1-wide convolution to classes: what fine-tuning trains
/// where the network's last layer is wider than that. State: "body.NAME", "head.weight", "head.bias".
/// </summary>
public sealed class SegmentationModel : SegmentationNetwork
{
    /// <summary>Begins the names of the body's state.</summary>
    internal const string BodyPrefix = "body.";

    /// <summary>Begins the names of the head's state.</summary>
    internal const string HeadPrefix = "head.";

    private readonly nn.Module<Tensor, Tensor> head;

    /// <summary>Takes the body over; the head is drawn from torch's random state.</summary>
    /// <param name="body">The network whose features are classified.</param>
    /// <param name="classes">Channels that leave the model.</param>
    public SegmentationModel(SegmentationNetwork body, int classes)
        : base(nameof(SegmentationModel), (body ?? throw new ArgumentNullException(nameof(body))).Options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Body = body;
        Classes = classes;
        // As in NetworkFactory: what the initialiser leaves behind goes with the scope.
        using DisposeScope scope = NewDisposeScope();
        head = Layers.Convolution(Options.Dimensions, Options.OutChannels, classes, kernel: 1);
        register_module("body", body);
        register_module("head", head);
    }

    /// <summary>The network under the head; <see cref="SegmentationNetwork.Options"/> are the body's.</summary>
    public SegmentationNetwork Body { get; }

    /// <summary>Channels that leave the model.</summary>
    public int Classes { get; }

    /// <inheritdoc/>
    public override int SideMultiple => Body.SideMultiple;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadNames => [HeadPrefix + "weight", HeadPrefix + "bias"];

    /// <inheritdoc/>
    public override int LayerCount => Body.LayerCount;

    /// <inheritdoc/>
    public override int LayerOf(string name) => name.StartsWith(BodyPrefix, StringComparison.Ordinal)
        ? Body.LayerOf(name[BodyPrefix.Length..])
        : LayerCount;

    /// <inheritdoc/>
    public override bool IsEncoder(string name) =>
        name.StartsWith(BodyPrefix, StringComparison.Ordinal) && Body.IsEncoder(name[BodyPrefix.Length..]);

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureMap> FeatureMaps(Tensor input, bool encoderOnly = false) =>
        Body.FeatureMaps(input, encoderOnly);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using Tensor features = Body.call(input);
        return head.call(features);
    }
}
