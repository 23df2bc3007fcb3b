using GpuSynth.Torch.Networks;
using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>What an objective gets for a batch of items: its views and the network.</summary>
/// <remarks>All tensors are of the step's own scope, and valid until the step is over.</remarks>
public sealed class ObjectiveStep
{
    private readonly SegmentationNetwork network;
    private readonly torch.ScalarType type;
    private readonly IReadOnlyDictionary<ObjectiveView, ViewTensors> views;
    private readonly Dictionary<ObjectiveView, torch.Tensor> inputs = [];

    internal ObjectiveStep(
        SegmentationNetwork network, torch.ScalarType type, IReadOnlyDictionary<ObjectiveView, ViewTensors> views) =>
        (this.network, this.type, this.views) = (network, type, views);

    /// <summary>Number of the batch's first item; the others follow.</summary>
    public required long FirstItem { get; init; }

    /// <summary>Items of the batch.</summary>
    public int Items => (int)views.Values.First().Image.shape[0];

    /// <summary>The run's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Labels of the recipe; some may be absent from a sample.</summary>
    public required int LabelCount { get; init; }

    /// <summary>What gradients are multiplied by: a share where several batches make a step.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Keeps what the network is given, for whoever measures it alone; null: nobody does.</summary>
    internal List<NetworkPass>? Passes { get; init; }

    /// <summary>The network that computes: in the run's precision, with gradients.</summary>
    public SegmentationNetwork Network => network;

    /// <summary>The images of a view as they were made: [B, 1, (D,) H, W], float32; not to be written to.</summary>
    public torch.Tensor Image(ObjectiveView view) => views[view].Image;

    /// <summary>The same with mean 0 and standard deviation 1 each: what networks are given. It lives in the scope of whoever asks first.</summary>
    public torch.Tensor Input(ObjectiveView view)
    {
        if (!inputs.TryGetValue(view, out torch.Tensor? input))
        {
            inputs[view] = input = InputScale.ZScore(views[view].Image);
        }

        return input;
    }

    /// <summary>The labels of a view: uint8 [B, (D,) H, W]; not to be written to.</summary>
    public torch.Tensor Labels(ObjectiveView view) => views[view].Labels;

    /// <summary>What was drawn for an item's view.</summary>
    /// <param name="view">The view.</param>
    /// <param name="item">The item's place in the batch, from 0.</param>
    public DrawnSample Drawn(ObjectiveView view, int item) => views[view].Drawn[item];

    /// <summary>Random numbers of an item that no other item and no other stream has.</summary>
    /// <param name="item">The item's place in the batch, from 0.</param>
    /// <param name="stream">Which of the objective's numbers: a stream of its own, 1050 and up.</param>
    public PlaceRandom Random(int item, uint stream) => new(Seed, (ulong)(FirstItem + item), stream);

    /// <summary>The same for every item.</summary>
    /// <param name="stream">Which of the objective's numbers.</param>
    public PlaceRandom[] Random(uint stream) => [.. Enumerable.Range(0, Items).Select(item => Random(item, stream))];

    /// <summary>Adds the gradients of a loss, times <see cref="Scale"/>, to those of all parameters that it was computed from.</summary>
    /// <param name="loss">A number, in its graph.</param>
    /// <returns>The loss, not scaled.</returns>
    public double Backward(torch.Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        loss.mul(Scalars.Of(Scale)).backward();
        return loss.item<float>();
    }

    /// <summary>The network's output for images with mean 0 and standard deviation 1, in its graph and in the run's precision.</summary>
    public torch.Tensor Forward(torch.Tensor input)
    {
        Passes?.Add(NetworkPass.Of(input, NetworkReach.Output));
        return network.call(InNetworkType(input));
    }

    /// <summary>The features of every level, likewise; the last is the output.</summary>
    /// <param name="input">[B, C, (D,) H, W].</param>
    /// <param name="encoderOnly">Whether the deepest level is the last: the decoder is not computed.</param>
    public IReadOnlyList<FeatureMap> FeatureMaps(torch.Tensor input, bool encoderOnly = false)
    {
        Passes?.Add(NetworkPass.Of(input, encoderOnly ? NetworkReach.Encoder : NetworkReach.AllLevels));
        return network.FeatureMaps(InNetworkType(input), encoderOnly);
    }

    /// <summary>A tensor in the type that the network computes in.</summary>
    public torch.Tensor InNetworkType(torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.dtype == type ? tensor : tensor.to_type(type);
    }

    /// <summary>The step of one of several objectives that are summed.</summary>
    /// <param name="weight">Its weight.</param>
    internal ObjectiveStep Weighted(double weight) => new(network, type, views)
    {
        FirstItem = FirstItem, Seed = Seed, LabelCount = LabelCount, Scale = Scale * weight, Passes = Passes,
    };
}

/// <summary>How far a pass through the network goes.</summary>
internal enum NetworkReach
{
    /// <summary>To the output alone.</summary>
    Output,

    /// <summary>To the output, with the features of every level.</summary>
    AllLevels,

    /// <summary>To the deepest level, with those of the levels before.</summary>
    Encoder,
}

/// <summary>A pass through the network.</summary>
/// <param name="Input">A copy of what it was given, its owner's to dispose of.</param>
/// <param name="Reach">How far it went.</param>
internal readonly record struct NetworkPass(torch.Tensor Input, NetworkReach Reach)
{
    public static NetworkPass Of(torch.Tensor input, NetworkReach reach)
    {
        using IDisposable unrecorded = torch.no_grad();
        return new NetworkPass(input.detach().clone().DetachFromDisposeScope(), reach);
    }
}

/// <summary>A batch of one view.</summary>
/// <param name="Image">[B, 1, (D,) H, W].</param>
/// <param name="Labels">uint8 [B, (D,) H, W].</param>
/// <param name="Drawn">What was drawn, one per item.</param>
internal readonly record struct ViewTensors(torch.Tensor Image, torch.Tensor Labels, ArraySegment<DrawnSample> Drawn);
