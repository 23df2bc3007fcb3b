using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Attention among all tokens [B, L, D]: softmax(q k^T / sqrt(D / heads)) v for every head, and a linear map. No matrix of L x L is held where
/// torch has an operator that does without.
/// </summary>
internal sealed class TokenAttention : NamedModule
{
    private readonly int heads;
    private readonly Linear queriesKeysValues;
    private readonly Linear projection;

    /// <param name="width">D, a multiple of the heads.</param>
    /// <param name="heads">Heads.</param>
    public TokenAttention(int width, int heads)
        : base(nameof(TokenAttention))
    {
        this.heads = heads;
        queriesKeysValues = Register("qkv", nn.Linear(width, 3 * width));
        projection = Register("proj", nn.Linear(width, width));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        (long batch, long count, long width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2]);
        Tensor parts = queriesKeysValues.call(tokens).reshape(batch, count, 3, heads, width / heads).permute(2, 0, 3, 1, 4);
        Tensor mixed = nn.functional.scaled_dot_product_attention(parts.select(0, 0), parts.select(0, 1), parts.select(0, 2));
        return projection.call(mixed.transpose(1, 2).reshape(batch, count, width)).MoveToOuterDisposeScope();
    }
}
