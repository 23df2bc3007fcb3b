using System.CommandLine;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Cli;

/// <summary>"--vit PATCH,WIDTH,BLOCKS,HEADS": the size of a vision transformer.</summary>
internal sealed class VitOption
{
    private const string Example = "16,384,12,6";

    /// <summary>The option.</summary>
    public Option<string?> Option { get; } = new("--vit")
    {
        Description = $"Vision transformer: side of a patch in voxels (4, 8 or 16), width of a token, blocks, heads; 8,96,6,6, if not given. {Example} is a ViT-S.",
        HelpName = "P,W,B,H",
    };

    /// <summary>The network with the size that a command line asks for.</summary>
    /// <exception cref="WrongUseException">It is no list of four numbers, or the network is another.</exception>
    public NetworkOptions Apply(ParseResult parsed, NetworkOptions network)
    {
        if (LevelOptions.Numbers(parsed, Option, "a whole number above 0", 65536, Example) is not { } numbers)
        {
            return network;
        }

        if (network.Kind != NetworkKind.Vit)
        {
            throw new WrongUseException($"{Option.Name}: the network is no vision transformer; give --net vit, or leave it out.");
        }

        return numbers is [var patch, var width, var blocks, var heads]
            ? network with { PatchSize = patch, HiddenSize = width, Depth = blocks, Heads = heads }
            : throw new WrongUseException(
                $"{Option.Name}: '{parsed.GetValue(Option)}' is not four numbers; give patch, width, blocks and heads, such as {Example}.");
    }
}
