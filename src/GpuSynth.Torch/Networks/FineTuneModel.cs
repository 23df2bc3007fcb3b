using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>The form that a pre-trained network takes for segmentation; only its last 1-wide convolution is new.</summary>
public static class FineTuneModel
{
    /// <summary>
    /// A model with new weights. Swin UNETR ends in a 1-wide convolution, which gets the classes; the U-Net does not, so it gets
    /// one on top of its features.
    /// </summary>
    /// <param name="pretrained">The options of the pre-trained network, or of the one to be trained from scratch.</param>
    /// <param name="classes">Classes, background included.</param>
    public static SegmentationNetwork Create(NetworkOptions pretrained, int classes)
    {
        ArgumentNullException.ThrowIfNull(pretrained);
        return pretrained.Kind == NetworkKind.SwinUnetr
            ? NetworkFactory.Create(pretrained with { OutChannels = classes })
            : new SegmentationModel(NetworkFactory.Create(pretrained), classes);
    }

    /// <summary>
    /// Copies the pre-trained network's weights, encoder and decoder, to a model made by <see cref="Create"/>. Where the model has
    /// C input channels and the weights are of one, those of the first convolutions are taken for every channel, divided by C: an
    /// image whose channels are all the same gives what it gave before.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tensors">The network's state, under the network's own names.</param>
    /// <param name="source">What the message calls them: a file's name.</param>
    /// <returns>What was copied, and what stays new; names are the model's.</returns>
    /// <exception cref="CheckpointException">Anything but the last convolution does not fit.</exception>
    public static WeightTransfer LoadPretrained(
        SegmentationNetwork model, IReadOnlyDictionary<string, Tensor> tensors, string source = "weights")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tensors);
        if (model is SegmentationModel)
        {
            tensors = tensors.ToDictionary(static entry => SegmentationModel.BodyPrefix + entry.Key, static entry => entry.Value);
        }

        using DisposeScope scope = NewDisposeScope();
        (tensors, string[] repeated) = ForChannels(model, tensors);
        WeightTransfer transfer = Weights.LoadMatching(model, tensors) with { Repeated = repeated };
        // Half a network that is new would be trained without a word.
        string[] lacking = [.. transfer.Missing.Concat(transfer.Mismatched).Except(model.HeadNames)];
        string[] strange = [.. tensors.Keys.Except(transfer.Copied).Except(transfer.Mismatched)];
        return (lacking, strange) switch
        {
            ([], []) => transfer,
            ([string name, ..], _) => throw new CheckpointException(
                $"'{source}' lacks {lacking.Length} of the network's {transfer.Copied.Count + lacking.Length} tensors, or has them "
                + $"in another shape, '{Bare(name)}' first: use weights of this network."),
            (_, [string name, ..]) => throw new CheckpointException(
                $"'{source}' holds '{Bare(name)}', which the network does not have: use weights of this network."),
        };

        string Bare(string name) => model is SegmentationModel ? name[SegmentationModel.BodyPrefix.Length..] : name;
    }

    // The tensors, those that differ from the model's only in having one input channel [outputs, 1, ...] for all of its channels.
    private static (IReadOnlyDictionary<string, Tensor> Tensors, string[] Repeated) ForChannels(
        SegmentationNetwork model, IReadOnlyDictionary<string, Tensor> tensors)
    {
        int channels = model.Options.InChannels;
        if (channels == 1)
        {
            return (tensors, []);
        }

        using IDisposable unrecorded = no_grad();
        var fitted = new Dictionary<string, Tensor>(tensors);
        List<string> repeated = [];
        foreach ((string name, Tensor target) in Weights.State(model))
        {
            if (tensors.TryGetValue(name, out Tensor? given)
                && given.shape is [long outputs, 1, .. long[] kernel]
                && target.shape.SequenceEqual([outputs, channels, .. kernel]))
            {
                fitted[name] = given.expand(target.shape).div(channels);
                repeated.Add(name);
            }
        }

        return (fitted, [.. repeated]);
    }
}
