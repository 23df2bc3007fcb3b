using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// The sites of a batch's feature maps that a network computes at, all others being 0: those in the active ones of an image's blocks. A block is one
/// site of the lowest level's map, so that each site of every map lies in one block.
/// </summary>
/// <remarks>Its tensors are of the scope that it was made in.</remarks>
internal sealed class SparseSites
{
    // By sites of a block along an axis: bool [B, 1, (D,) H, W], and the places of the active ones, int64, in order, among B D H W.
    private readonly Dictionary<long, (Tensor Holes, Tensor Places)> levels = [];
    private readonly long blocks;

    /// <summary>The sites of active blocks.</summary>
    /// <param name="active">bool [B, 1, (blocks,) blocks, blocks]; as many of every sample's are true.</param>
    /// <param name="strides">The factors between the image and the first map, this and the second, and so on.</param>
    public SparseSites(Tensor active, IReadOnlyList<int> strides)
    {
        blocks = active.shape[2];
        Tensor holes = active.logical_not();
        long units = 1;
        Add(units, holes);
        foreach (int stride in strides.Reverse().Where(static stride => stride > 1))
        {
            for (int axis = 2; axis < active.shape.Length; axis++)
            {
                holes = holes.repeat_interleave(stride, axis);
            }

            Add(units *= stride, holes);
        }
    }

    /// <summary>Where a map is 0: bool [B, 1, (D,) H, W].</summary>
    /// <param name="shape">Shape of the map.</param>
    public Tensor Holes(long[] shape) => levels[shape[2] / blocks].Holes;

    /// <summary>The map [B, C, (D,) H, W] with zeros in its holes, whatever was there.</summary>
    public Tensor Masked(Tensor map) => map.masked_fill(Holes(map.shape), Scalars.Of(0));

    /// <summary>The values of a map [B, C, (D,) H, W] at its n active sites: [B, C, n, 1(, 1)], channels last.</summary>
    public Tensor Gather(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = map.shape;
        Tensor rows = ChannelsLast.ToEnd(map).reshape(-1, shape[1]).index_select(0, levels[shape[2] / blocks].Places);
        return ChannelsLast.FromEnd(rows.reshape([shape[0], -1, .. shape.Skip(3).Select(static _ => 1L), shape[1]])).MoveToOuterDisposeScope();
    }

    /// <summary>The way back: a map of a shape, with its values at active sites and others in its holes.</summary>
    /// <param name="sites">[B, C, n, 1(, 1)].</param>
    /// <param name="shape">[B, C, (D,) H, W].</param>
    /// <param name="inHoles">[C]; null: zeros.</param>
    public Tensor Scatter(Tensor sites, long[] shape, Tensor? inHoles = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = ChannelsLast.ToEnd(sites).reshape(-1, shape[1]), places = levels[shape[2] / blocks].Places;
        long all = shape.Aggregate(1L, static (product, side) => product * side) / shape[1];
        Tensor whole = inHoles is null
            ? zeros([all, shape[1]], sites.dtype, sites.device)
            : inHoles.to_type(sites.dtype).expand(all, shape[1]).contiguous();
        return ChannelsLast.FromEnd(whole.index_copy_(0, places, rows).reshape([shape[0], .. shape.Skip(2), shape[1]])).MoveToOuterDisposeScope();
    }

    private void Add(long units, Tensor holes) => levels[units] = (holes, holes.logical_not().reshape(-1).nonzero().reshape(-1));
}

/// <summary>A part of a network that can compute at some sites alone.</summary>
internal interface ISparseUnit
{
    /// <summary>The part's result at active sites, and zeros elsewhere.</summary>
    /// <param name="input">[B, C, (D,) H, W], 0 in its holes.</param>
    /// <param name="sites">The active sites.</param>
    Tensor ForwardSparse(Tensor input, SparseSites sites);
}
