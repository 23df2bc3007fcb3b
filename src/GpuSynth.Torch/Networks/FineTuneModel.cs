using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>The form that a pre-trained network takes for segmentation.</summary>
public static class FineTuneModel
{
    /// <summary>
    /// A model with new weights. Transformers end in a 1-wide convolution, which gets the classes; the U-Net does not, so it gets
    /// one on top of its features, unless its own outputs are the classes.
    /// </summary>
    /// <param name="pretrained">The options of the pre-trained network, or of the one to be trained from scratch.</param>
    /// <param name="classes">Classes, background included.</param>
    /// <param name="endsInClasses">Whether the network's own outputs are the classes, as those of the objective "segment".</param>
    public static SegmentationNetwork Create(NetworkOptions pretrained, int classes, bool endsInClasses = false)
    {
        ArgumentNullException.ThrowIfNull(pretrained);
        return endsInClasses || pretrained.Kind != NetworkKind.UNet
            ? NetworkFactory.Create(pretrained with { OutChannels = classes })
            : new SegmentationModel(NetworkFactory.Create(pretrained), classes);
    }

    /// <summary>Whether weights are of a body with a head on top, and not of a network by itself.</summary>
    /// <param name="names">The names of the state.</param>
    public static bool HasHeadOnTop(IEnumerable<string> names) =>
        names.Any(static name => name.StartsWith(SegmentationModel.BodyPrefix, StringComparison.Ordinal));

    /// <summary>Whether weights that name classes end in them, without features for a head of other classes to read: those of the objective "segment" of a U-Net.</summary>
    /// <param name="network">The network of the weights.</param>
    /// <param name="classes">Classes that they name; null: none.</param>
    /// <param name="names">The names of their state.</param>
    public static bool EndsInOwnClasses(NetworkOptions network, int? classes, IEnumerable<string> names) =>
        network.Kind == NetworkKind.UNet && classes is not null && !HasHeadOnTop(names);

    /// <summary>The same network with as many features at its end as usual.</summary>
    public static NetworkOptions WithUsualFeatures(NetworkOptions network) =>
        network with { OutChannels = NetworkOptions.Default(network.Kind, network.Dimensions).OutChannels };

    /// <summary>The network under the head on top of weights, by its own names; the weights as they are where they have none.</summary>
    public static IReadOnlyDictionary<string, Tensor> BodyOf(IReadOnlyDictionary<string, Tensor> tensors) => HasHeadOnTop(tensors.Keys)
        ? tensors.Where(static one => one.Key.StartsWith(SegmentationModel.BodyPrefix, StringComparison.Ordinal))
            .ToDictionary(static one => one.Key[SegmentationModel.BodyPrefix.Length..], static one => one.Value)
        : tensors;

    /// <summary>A model of the form that weights of trained classes have: what a fine-tuned arm has written.</summary>
    /// <param name="network">The options in the weights' metadata.</param>
    /// <param name="classes">Classes, background included.</param>
    /// <param name="names">The names of the weights' state.</param>
    public static SegmentationNetwork CreateFor(NetworkOptions network, int classes, IEnumerable<string> names) =>
        Create(network, classes, endsInClasses: !HasHeadOnTop(names));

    /// <summary>
    /// Copies the pre-trained network's weights, encoder and decoder, to a model made by <see cref="Create"/>. Where the model has
    /// C input channels and the weights are of one, those of the first convolutions are taken for every channel, divided by C: an
    /// image whose channels are all the same gives what it gave before.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tensors">The network's state under its own names, or that of a model with a head on top.</param>
    /// <param name="source">What the message calls them: a file's name.</param>
    /// <param name="withHead">Whether the head is taken too; it must fit.</param>
    /// <param name="encoderOnly">Whether the decoder stays new.</param>
    /// <param name="otherOutputs">Whether the model has other output channels than the network that the weights are of: the layers that end in them stay new.</param>
    /// <returns>What was copied, and what stays new; names are the model's.</returns>
    /// <exception cref="CheckpointException">Anything that is to be copied does not fit.</exception>
    public static WeightTransfer LoadPretrained(
        SegmentationNetwork model,
        IReadOnlyDictionary<string, Tensor> tensors,
        string source = "weights",
        bool withHead = false,
        bool encoderOnly = false,
        bool otherOutputs = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tensors);
        bool isPrefixed = model is SegmentationModel && !HasHeadOnTop(tensors.Keys);
        Dictionary<string, Tensor> wanted = tensors.ToDictionary(
            entry => isPrefixed ? SegmentationModel.BodyPrefix + entry.Key : entry.Key, static entry => entry.Value);
        Dictionary<string, Tensor> state = Weights.State(model).ToDictionary(static one => one.Name, static one => one.Tensor);
        string[] strange = [.. wanted.Keys.Where(name => !state.ContainsKey(name))];
        string[] fresh =
        [
            .. state.Keys.Where(name => (encoderOnly && !model.IsEncoder(name)) || (!withHead && model.HeadNames.Contains(name))),
        ];
        foreach (string name in fresh)
        {
            // One of another shape is told as such.
            if (wanted.TryGetValue(name, out Tensor? given) && given.shape.SequenceEqual(state[name].shape))
            {
                wanted.Remove(name);
            }
        }

        using DisposeScope scope = NewDisposeScope();
        (IReadOnlyDictionary<string, Tensor> fitted, string[] repeated) = ForChannels(model, wanted);
        WeightTransfer transfer = Weights.LoadMatching(model, fitted) with { Repeated = repeated };
        // Half a network that is new would be trained without a word.
        string[] lacking = [.. transfer.Missing.Concat(otherOutputs ? [] : transfer.Mismatched).Except(fresh)];
        return (lacking, strange) switch
        {
            ([], []) => transfer,
            ([string name, ..], _) => throw new CheckpointException(
                $"'{source}' lacks {lacking.Length} of the network's {transfer.Copied.Count + lacking.Length} tensors, or has them "
                + $"in another shape, '{Bare(name)}' first: use weights of this network."),
            (_, [string name, ..]) => throw new CheckpointException(
                $"'{source}' holds '{Bare(name)}', which the network does not have: use weights of this network."),
        };

        string Bare(string name) => isPrefixed ? name[SegmentationModel.BodyPrefix.Length..] : name;
    }

    /// <summary>
    /// The tensors, those that differ from the model's only in having one input channel [outputs, 1, ...] for all of its channels; and
    /// the names of these.
    /// </summary>
    internal static (IReadOnlyDictionary<string, Tensor> Tensors, string[] Repeated) ForChannels(
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
                fitted[name] = given.expand(target.shape).div(Scalars.Of(channels));
                repeated.Add(name);
            }
        }

        return (fitted, [.. repeated]);
    }
}
