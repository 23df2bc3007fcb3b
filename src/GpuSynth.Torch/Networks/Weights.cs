using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>Weights of networks in and out of safetensors files, and from one network to another.</summary>
public static class Weights
{
    /// <summary>The metadata key under which a file of weights carries <see cref="NetworkOptions"/> as JSON.</summary>
    public const string NetworkKey = "network";

    /// <summary>The metadata key of the number of classes that the outputs name, where they name any.</summary>
    public const string ClassesKey = "classes";

    /// <summary>The metadata key of the classes' names, as a JSON list, the background first.</summary>
    public const string ClassNamesKey = "classNames";

    /// <summary>A module's parameters and buffers by their names, in a fixed order; the tensors stay the module's.</summary>
    public static IReadOnlyList<(string Name, Tensor Tensor)> State(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return [.. network.state_dict().Select(static entry => (entry.Key, entry.Value))];
    }

    /// <summary>Writes a network's weights under MONAI's names, with its options in the metadata.</summary>
    /// <exception cref="IO.VolumeFileException">The folder is missing or not writable, or the disk is full.</exception>
    public static void Save(SegmentationNetwork network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        SafeTensors.Write(
            path,
            State(network),
            new Dictionary<string, string> { ["format"] = "pt", [NetworkKey] = network.Options.ToJson() });
    }

    /// <summary>Reads weights into a network.</summary>
    /// <param name="network">Keeps its device; its values are overwritten.</param>
    /// <param name="path">A safetensors file.</param>
    /// <param name="strict">The file must hold exactly the network's names and shapes; otherwise what fits is copied.</param>
    /// <exception cref="CheckpointException">The file is not readable, or does not fit.</exception>
    public static void Load(nn.Module network, string path, bool strict = true)
    {
        using SafeTensorsFile file = SafeTensors.Read(path);
        if (strict)
        {
            LoadStrict(network, file.Tensors, path);
        }
        else
        {
            LoadMatching(network, file.Tensors);
        }
    }

    /// <summary>Copies weights that must have exactly the network's names and shapes.</summary>
    /// <param name="network">Its values are overwritten, or untouched if anything does not fit.</param>
    /// <param name="tensors">The weights.</param>
    /// <param name="source">What the message calls them: a file's name.</param>
    /// <exception cref="CheckpointException">Names the first tensor that does not fit, with both shapes.</exception>
    public static void LoadStrict(nn.Module network, IReadOnlyDictionary<string, Tensor> tensors, string source)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        IReadOnlyList<(string Name, Tensor Tensor)> state = State(network);
        foreach ((string name, Tensor target) in state)
        {
            if (!tensors.TryGetValue(name, out Tensor? given))
            {
                throw new CheckpointException(
                    $"'{source}' lacks '{name}' of shape {Shape(target)}: use weights of this network.");
            }

            if (!target.shape.SequenceEqual(given.shape))
            {
                throw new CheckpointException(
                    $"'{name}' is {Shape(given)} in '{source}' and {Shape(target)} in the network: use weights of this network.");
            }
        }

        if (tensors.Count > state.Count)
        {
            HashSet<string> known = [.. state.Select(static entry => entry.Name)];
            string extra = tensors.Keys.First(name => !known.Contains(name));
            throw new CheckpointException(
                $"'{source}' holds '{extra}', which the network does not have: use weights of this network.");
        }

        LoadMatching(network, tensors);
    }

    /// <summary>Copies every tensor whose name and shape the network has too; the others keep their values.</summary>
    public static WeightTransfer LoadMatching(nn.Module network, IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        List<string> copied = [], missing = [], mismatched = [];
        using var unrecorded = no_grad();
        foreach ((string name, Tensor target) in State(network))
        {
            if (!tensors.TryGetValue(name, out Tensor? given))
            {
                missing.Add(name);
            }
            else if (!target.shape.SequenceEqual(given.shape))
            {
                mismatched.Add(name);
            }
            else
            {
                target.copy_(given);
                copied.Add(name);
            }
        }

        return new WeightTransfer(copied, missing, mismatched);
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
