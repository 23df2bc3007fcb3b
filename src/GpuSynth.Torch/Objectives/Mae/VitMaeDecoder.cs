using GpuSynth.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// From an encoder's tokens of the patches that it saw to the voxels of all patches: a linear layer ("embed"), a token for those that are hidden
/// ("mask_token"), places, two narrow blocks ("blocks.0", ...), a norm ("norm"), a linear layer to voxels ("voxels"). Dropped after pre-training.
/// </summary>
internal sealed class VitMaeDecoder : NamedParts
{
    private const string MaskToken = "mask_token";
    private const int Width = 48;
    private const int Depth = 2;
    private const int Heads = 3;

    private readonly Linear embed;
    private readonly VitBlock[] blocks;
    private readonly LayerNorm norm;
    private readonly Linear voxels;

    /// <param name="width">Channels of the encoder's tokens.</param>
    /// <param name="voxels">Values of a patch.</param>
    public VitMaeDecoder(int width, int voxels)
        : base(nameof(VitMaeDecoder))
    {
        // As in NetworkFactory: what initialisers leave behind goes with the scope.
        using DisposeScope scope = NewDisposeScope();
        register_parameter(MaskToken, VitBlock.Token(Width));
        embed = Register("embed", nn.Linear(width, Width));
        blocks = [.. Enumerable.Range(0, Depth).Select(static _ => new VitBlock(Width, Heads))];
        Register("blocks", nn.ModuleList<nn.Module>(blocks));
        norm = Register("norm", VitBlock.Norm(Width));
        this.voxels = Register("voxels", nn.Linear(Width, voxels));
        VitBlock.DrawLinears(this);
    }

    /// <summary>The voxels [B, L, voxels] of all patches.</summary>
    /// <param name="encoded">float32 [B, 1 + kept, width], the class token first.</param>
    /// <param name="masking">Which patches they are of.</param>
    /// <param name="counts">Patches along each axis.</param>
    public Tensor Predict(Tensor encoded, VitMaeMasking masking, IReadOnlyList<long> counts)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long kept, long all) = (encoded.shape[0], masking.Kept.shape[1], masking.Places.shape[1]);
        if (batch != masking.Kept.shape[0] || encoded.shape[1] != 1 + kept)
        {
            throw new ArgumentException(
                $"Tokens [{string.Join(", ", encoded.shape)}] are not of {masking.Kept.shape[0]} items with {kept} patches and a class token each.",
                nameof(encoded));
        }

        Tensor narrow = embed.call(encoded);
        Tensor hidden = get_parameter(MaskToken)!.expand(batch, all - kept, -1);
        Tensor inOrder = cat([narrow.narrow(1, 1, kept), hidden], 1);
        Tensor patches = inOrder.gather(1, masking.Places.unsqueeze(-1).expand(-1, -1, Width));
        Tensor current = cat([narrow.narrow(1, 0, 1), patches.Plus(SinCosPositions.Of(counts, patches))], 1);
        foreach (VitBlock block in blocks)
        {
            current = block.call(current);
        }

        return voxels.call(norm.call(current)).narrow(1, 1, all).MoveToOuterDisposeScope();
    }
}
