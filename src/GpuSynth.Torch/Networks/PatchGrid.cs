using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>An image cut into patches of the same side along every axis: one token each, in array order.</summary>
/// <param name="patch">Voxels of a patch's side.</param>
/// <param name="counts">Patches along each axis: (depth,) height, width.</param>
internal sealed class PatchGrid(int patch, long[] counts)
{
    /// <summary>Patches along each axis: (depth,) height, width.</summary>
    public IReadOnlyList<long> Counts => counts;

    /// <summary>Patches of an image, L.</summary>
    public long Count => counts.Aggregate(1L, static (product, count) => product * count);

    /// <summary>The grid of images [B, C, (D,) H, W].</summary>
    /// <exception cref="ArgumentException">They have other dimensions, or sides that patches do not fill.</exception>
    public static PatchGrid Of(Tensor image, NetworkOptions options)
    {
        long[] shape = image.shape;
        int patch = options.PatchSize;
        if (shape.Length != options.Dimensions + 2 || shape[1] != options.InChannels
            || shape.Skip(2).Any(side => side == 0 || side % patch != 0))
        {
            throw new ArgumentException(
                $"Images [{string.Join(", ", shape)}] cannot be cut into patches: give [B, {options.InChannels}, "
                + $"{(options.Dimensions == 3 ? "D, " : string.Empty)}H, W] with sides that are multiples of {patch}.",
                nameof(image));
        }

        return new PatchGrid(patch, [.. shape.Skip(2).Select(side => side / patch)]);
    }

    /// <summary>Tokens [B, L, D] as a map [B, D, (depth,) height, width] whose channels lie last.</summary>
    public Tensor ToMap(Tensor tokens)
    {
        using Tensor dense = tokens.contiguous();
        using Tensor grid = dense.view([tokens.shape[0], .. counts, tokens.shape[2]]);
        int last = counts.Length + 1;
        return grid.permute([0, last, .. Enumerable.Range(1, counts.Length).Select(static axis => (long)axis)]);
    }

    /// <summary>
    /// The voxels of every patch, [B, C, (D,) H, W] to [B, L, voxels]: patches in array order, in each its voxels in array order, the
    /// channels of a voxel side by side.
    /// </summary>
    public Tensor Voxels(Tensor image)
    {
        (long batch, long channels) = (image.shape[0], image.shape[1]);
        using Tensor cut = image.reshape([batch, channels, .. counts.SelectMany(count => (long[])[count, patch])]);
        int[] axes = [.. Enumerable.Range(0, counts.Length)];
        using Tensor sorted = cut.permute(
            [0, .. axes.Select(static axis => 2L + (2 * axis)), .. axes.Select(static axis => 3L + (2 * axis)), 1]);
        return sorted.reshape(batch, Count, -1);
    }
}
