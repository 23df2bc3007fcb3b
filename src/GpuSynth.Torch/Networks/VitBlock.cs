using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// x + attention(norm1(x)), and then x + mlp(norm2(x)), on tokens [B, L, D]. Dosovitskiy et al., "An image is worth 16x16 words", 2021.
/// </summary>
internal sealed class VitBlock : NamedModule, IResidualBlock
{
    private const double NormEpsilon = 1e-6;
    private const double TokenDeviation = 0.02;

    private readonly LayerNorm norm1;
    private readonly TokenAttention attention;
    private readonly LayerNorm norm2;
    private readonly Perceptron perceptron;

    /// <param name="width">D.</param>
    /// <param name="heads">Heads of the attention.</param>
    public VitBlock(int width, int heads)
        : base(nameof(VitBlock))
    {
        norm1 = Register("norm1", Norm(width));
        attention = Register("attn", new TokenAttention(width, heads));
        norm2 = Register("norm2", Norm(width));
        perceptron = Register("mlp", new Perceptron(width));
    }

    /// <inheritdoc/>
    public double DropPath { get; set; }

    /// <summary>The norm of a token, as before every part of a block.</summary>
    public static LayerNorm Norm(int width) => nn.LayerNorm((long)width, eps: NormEpsilon);

    /// <summary>A learnt token [1, 1, D], of N(0, 0.02).</summary>
    public static Parameter Token(int width)
    {
        Tensor values = empty([1, 1, width]);
        nn.init.normal_(values, 0, TokenDeviation);
        return (Parameter)nn.Parameter(values).DetachFromDisposeScope();
    }

    /// <summary>Gives the linear layers of a module the initial weights of a transformer: Xavier's uniform ones, biases 0.</summary>
    public static void DrawLinears(nn.Module module)
    {
        foreach (Linear layer in module.modules().OfType<Linear>())
        {
            nn.init.xavier_uniform_(layer.weight!);
            nn.init.zeros_(layer.bias!);
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = Networks.DropPath.Sum(this, tokens, attention.call(norm1.call(tokens)));
        return Networks.DropPath.Sum(this, sum, perceptron.call(norm2.call(sum))).MoveToOuterDisposeScope();
    }
}
