using GpuSynth.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>What fills the holes of a U-Net's maps ("level0", ... the top first), and the image from its features ("head").</summary>
internal sealed class SparkParts : NamedParts
{
    private readonly Densifier[] levels;
    private readonly VoxelHeads head;

    public SparkParts(NetworkOptions options)
        : base(nameof(SparkParts))
    {
        // What initialisers leave behind goes with the scope; the weights stay.
        using DisposeScope scope = NewDisposeScope();
        int lowest = options.Channels.Count - 1;
        levels = [.. options.Channels.Select((_, level) => Register($"level{level}", new Densifier(options, level, isLowest: level == lowest)))];
        head = Register("head", new VoxelHeads(options, (HiddenSquares.HeadName, 1)));
    }

    /// <summary>A level's map without holes, in float32, channels last.</summary>
    /// <param name="level">Number of the level, 0 for the top.</param>
    /// <param name="map">[B, C, (D,) H, W].</param>
    /// <param name="sites">Its active sites.</param>
    public Tensor Densify(int level, Tensor map, SparseSites sites) => levels[level].Fill(map, sites);

    /// <summary>The image [B, 1, (D,) H, W] of the network's output.</summary>
    public Tensor Predict(Tensor features) => head.Of(HiddenSquares.HeadName, features);

    // Sparse norm ("norm"), one learnt vector in all holes ("token"), and a convolution ("projection"): 1-wide at the lowest level, else 3-wide.
    private sealed class Densifier : NamedParts
    {
        private const string Token = "token";

        // Standard deviation of a token's first values, and where their normal distribution is cut.
        private const double TokenStd = 0.02;

        private readonly nn.Module<Tensor, Tensor> norm;
        private readonly nn.Module<Tensor, Tensor> projection;

        public Densifier(NetworkOptions options, int level, bool isLowest)
            : base(nameof(Densifier))
        {
            int channels = options.Channels[level];
            norm = Register("norm", Layers.Norm(options.Norm, options.Dimensions, channels));
            Tensor token = empty([channels]);
            nn.init.trunc_normal_(token, 0, TokenStd, -TokenStd, TokenStd);
            register_parameter(Token, (Parameter)nn.Parameter(token).DetachFromDisposeScope());
            projection = Register("projection", Layers.Convolution(options.Dimensions, channels, channels, kernel: isLowest ? 1 : 3));
        }

        public Tensor Fill(Tensor map, SparseSites sites)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor normed = norm.call(sites.Gather(map.to_type(ScalarType.Float32)));
            return projection.call(sites.Scatter(normed, map.shape, get_parameter(Token))).MoveToOuterDisposeScope();
        }
    }
}
