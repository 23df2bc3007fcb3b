using GpuSynth.Kernels;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// A network from images [B, C, (D,) H, W] to as many voxels with <see cref="NetworkOptions.OutChannels"/> channels. The names in
/// its state are MONAI's, where MONAI has the network, so that its weights load there with <c>strict=True</c>.
/// </summary>
public abstract class SegmentationNetwork : nn.Module<Tensor, Tensor>
{
    /// <summary>A network of these options; the deriving class builds it.</summary>
    protected SegmentationNetwork(string name, NetworkOptions options)
        : base(name) => Options = options;

    /// <summary>What the network was built from.</summary>
    public NetworkOptions Options { get; }

    /// <summary>Every side of an image must be a multiple of this.</summary>
    public abstract int SideMultiple { get; }

    /// <summary>Parameters whose shape depends on the number of output channels.</summary>
    public abstract IReadOnlyList<string> HeadNames { get; }

    /// <summary>
    /// Layers that a decay of the learning rate counts: 0 is the first, and <see cref="LayerCount"/> stands for all that does not
    /// decay. A network that is no transformer has none.
    /// </summary>
    public virtual int LayerCount => 0;

    /// <summary>The number of trained values.</summary>
    public long ParameterCount => parameters().Sum(static parameter => parameter.numel());

    /// <summary>Refuses a shape that the network cannot take.</summary>
    /// <exception cref="GpuSynthException">Names the shape and the nearest ones that fit.</exception>
    public void CheckShape(VolumeShape shape)
    {
        if (shape.Dimensions != Options.Dimensions)
        {
            throw new GpuSynthException(
                $"A network of {Options.Dimensions} dimensions cannot take {shape}: give it {Options.Dimensions} sides.");
        }

        VolumeShape smaller = Map(shape, side => Math.Max(side / SideMultiple, 1) * SideMultiple);
        VolumeShape larger = Map(shape, side => (side + SideMultiple - 1) / SideMultiple * SideMultiple);
        if (smaller != shape || larger != shape)
        {
            VolumeShape least = IsOneVoxelDeepDown(larger) ? Map(larger, static side => side * 2) : larger;
            string choice = smaller == larger || IsOneVoxelDeepDown(smaller) ? $"{least}" : $"{smaller} or {larger}";
            throw new GpuSynthException(
                $"The network's sides are multiples of {SideMultiple}, and {shape} does not fit: take {choice}.");
        }

        if (IsOneVoxelDeepDown(shape))
        {
            throw new GpuSynthException(
                $"{shape} leaves one voxel at the network's lowest level: take {Map(shape, static side => side * 2)} or more.");
        }
    }

    /// <summary>The features of every level, from the first of the encoder to what leaves the network's body.</summary>
    /// <param name="input">[B, C, (D,) H, W].</param>
    /// <param name="encoderOnly">Whether the deepest level is the last: the decoder is not computed.</param>
    public abstract IReadOnlyList<FeatureMap> FeatureMaps(Tensor input, bool encoderOnly = false);

    /// <summary>
    /// Whether a parameter or a buffer belongs to the encoder: the way down and the deepest level. Of a network that has no such
    /// parts it is all but the head.
    /// </summary>
    /// <param name="name">Its name in the state.</param>
    public virtual bool IsEncoder(string name) => !HeadNames.Contains(name);

    /// <summary>The layer of a parameter, 0 to <see cref="LayerCount"/>.</summary>
    /// <param name="name">The parameter's name in the state.</param>
    public virtual int LayerOf(string name) => LayerCount;

    // Norms need something to take a mean of: a level with one voxel would be zero whatever the image.
    private bool IsOneVoxelDeepDown(VolumeShape shape) =>
        SideMultiple > 1 && Map(shape, side => side / SideMultiple).VoxelCount == 1;

    private static VolumeShape Map(VolumeShape shape, Func<int, int> side) => shape.Dimensions == 2
        ? VolumeShape.Image(side(shape.Height), side(shape.Width))
        : VolumeShape.Volume(side(shape.Depth), side(shape.Height), side(shape.Width));

    /// <summary>Nothing: children are named one by one, a field's name is never a parameter's.</summary>
    protected override void RegisterComponents()
    {
    }
}
