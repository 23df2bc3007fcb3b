using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// The transformer of <see cref="VisionTransformer"/>: patches to tokens ("patch_embed.proj") with fixed places (<see cref="SinCosPositions"/>), a
/// class token before them ("cls_token"), blocks ("blocks.0", ...), and a norm ("norm") behind the last one.
/// </summary>
internal sealed class VitEncoder : NamedParts
{
    private const string ClassToken = "cls_token";

    private readonly NetworkOptions options;
    private readonly Convolution projection;
    private readonly VitBlock[] blocks;
    private readonly LayerNorm norm;

    public VitEncoder(NetworkOptions options)
        : base(nameof(VitEncoder))
    {
        this.options = options;
        int width = options.HiddenSize;
        register_parameter(ClassToken, VitBlock.Token(width));
        projection = options.Dimensions == 2
            ? nn.Conv2d(options.InChannels, width, (long)options.PatchSize, options.PatchSize)
            : nn.Conv3d(options.InChannels, width, (long)options.PatchSize, options.PatchSize);
        Register("patch_embed", nn.Sequential(("proj", (nn.Module<Tensor, Tensor>)projection)));
        blocks = [.. Enumerable.Range(0, options.Depth).Select(_ => new VitBlock(width, options.Heads))];
        Register("blocks", nn.ModuleList<nn.Module>(blocks));
        norm = Register("norm", VitBlock.Norm(width));
        VitBlock.DrawLinears(this);
        // A patch's projection is a linear layer of its voxels, and begins as one.
        nn.init.xavier_uniform_(projection.weight!.detach().view(width, -1));
        nn.init.zeros_(projection.bias!);
    }

    /// <summary>A token [B, L, D] for every patch of images [B, C, (D,) H, W], with its place.</summary>
    public Tensor Embed(Tensor image, PatchGrid grid)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = projection.call(image).flatten(2).transpose(1, 2);
        return tokens.Plus(SinCosPositions.Of(grid.Counts, tokens)).MoveToOuterDisposeScope();
    }

    /// <summary>The class token and those given [B, n, D], through all blocks.</summary>
    /// <param name="tokens">Tokens, of all patches or of some, in any order: their places are in them.</param>
    /// <param name="after">After how many blocks they are wanted, ascending; the last of all with the norm.</param>
    /// <returns>[B, 1 + n, D] for each of these, the class token first.</returns>
    public Tensor[] Encode(Tensor tokens, params IReadOnlyList<int> after)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = tokens.shape;
        if (shape.Length != 3 || shape[2] != options.HiddenSize)
        {
            throw new ArgumentException(
                $"Tokens [{string.Join(", ", shape)}] are not [B, n, {options.HiddenSize}].", nameof(tokens));
        }

        List<Tensor> wanted = [];
        Tensor current = cat([get_parameter(ClassToken)!.expand(shape[0], -1, -1), tokens], 1);
        for (int done = 1; done <= blocks.Length; done++)
        {
            current = blocks[done - 1].call(current);
            if (after.Contains(done))
            {
                wanted.Add(done < blocks.Length ? current : norm.call(current));
            }
        }

        return [.. wanted.Select(static one => one.MoveToOuterDisposeScope())];
    }
}
