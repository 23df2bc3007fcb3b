using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Attention among the tokens of each window: softmax(q k^T / sqrt(d) + bias + mask) v, with a learnt bias for every head and
/// every difference of places. MONAI's <c>WindowAttention</c>; Liu et al., "Swin Transformer", 2021.
/// </summary>
internal sealed class WindowAttention : NamedParts
{
    /// <summary>What the table of a bias for every difference of places is called.</summary>
    public const string Table = "relative_position_bias_table";

    private const string Index = "relative_position_index";

    // Differences along one axis run from -6 to 6.
    private const int Differences = (2 * WindowGrid.Width) - 1;

    private readonly int heads;
    private readonly Linear queriesKeysValues;
    private readonly Linear projection;

    public WindowAttention(int channels, int heads)
        : base(nameof(WindowAttention))
    {
        this.heads = heads;

        // PyTorch cuts this normal distribution at +-2, a hundred standard deviations: it is one that is not cut.
        Tensor table = empty([Differences * Differences * Differences, heads]);
        nn.init.normal_(table, 0, 0.02);
        register_parameter(Table, (Parameter)nn.Parameter(table).DetachFromDisposeScope());
        register_buffer(Index, PlaceDifferences().DetachFromDisposeScope());
        queriesKeysValues = Register("qkv", nn.Linear(channels, 3 * channels));
        projection = Register("proj", nn.Linear(channels, channels));
    }

    /// <param name="windows">[B * windows, tokens, C].</param>
    /// <param name="mask">[windows, tokens, tokens] or none.</param>
    /// <returns>As the windows.</returns>
    public Tensor Attend(Tensor windows, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        (long batch, long tokens, long channels) = (windows.shape[0], windows.shape[1], windows.shape[2]);
        Tensor parts = queriesKeysValues.call(windows)
            .reshape(batch, tokens, 3, heads, channels / heads)
            .permute(2, 0, 3, 1, 4);
        Tensor queries = parts.select(0, 0).mul(Scalars.Of(Math.Pow(channels / heads, -0.5)));
        Tensor scores = queries.matmul(parts.select(0, 1).transpose(-2, -1)).PlusInPlace(Bias(tokens));
        if (mask is not null)
        {
            long count = mask.shape[0];
            Tensor byVolume = scores.view(batch / count, count, heads, tokens, tokens).Plus(mask.unsqueeze(1));
            scores = byVolume.view(batch, heads, tokens, tokens);
        }

        Tensor mixed = scores.softmax(-1).matmul(parts.select(0, 2)).transpose(1, 2).reshape(batch, tokens, channels);
        return projection.call(mixed).MoveToOuterDisposeScope();
    }

    // [heads, tokens, tokens]. A smaller window takes the first rows and columns of the full window's index, as MONAI does.
    private Tensor Bias(long tokens)
    {
        Tensor index = get_buffer(Index)!.narrow(0, 0, tokens).narrow(1, 0, tokens).reshape(-1);
        return get_parameter(Table)!.index_select(0, index).reshape(tokens, tokens, heads).permute(2, 0, 1);
    }

    // Row of the table for every pair of tokens in a full window.
    private static Tensor PlaceDifferences()
    {
        const int Width = WindowGrid.Width;
        const int Tokens = Width * Width * Width;
        Tensor index = empty([Tokens, Tokens], ScalarType.Int64);
        Span<long> rows = MemoryMarshal.Cast<byte, long>(index.bytes);
        for (int i = 0; i < Tokens; i++)
        {
            for (int j = 0; j < Tokens; j++)
            {
                int z = (i / (Width * Width)) - (j / (Width * Width)) + Width - 1;
                int y = (i / Width % Width) - (j / Width % Width) + Width - 1;
                int x = (i % Width) - (j % Width) + Width - 1;
                rows[(i * Tokens) + j] = (((z * Differences) + y) * Differences) + x;
            }
        }

        return index;
    }
}
