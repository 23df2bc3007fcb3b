using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// One image's features, labels and gradient, walked through in chunks of voxels. Sums by label are products with the chunk's
/// one-hot labels [K, n]: small, always in the same order, and on a CPU far quicker than scattering.
/// </summary>
internal sealed class LabelledChunks
{
    private readonly torch.Tensor features;
    private readonly torch.Tensor labels;
    private readonly torch.Tensor gradient;
    private readonly torch.Tensor numbers;
    private readonly long chunkVoxels;
    private readonly double? shortestLength;

    /// <summary>The parts of one image.</summary>
    /// <param name="features">[C, voxels].</param>
    /// <param name="labels">uint8 [voxels].</param>
    /// <param name="gradient">[C, voxels], in the type that is computed in; written.</param>
    /// <param name="labelCount">Number of labels K.</param>
    /// <param name="chunkVoxels">Voxels of a chunk.</param>
    /// <param name="shortestLength">
    /// Where given, features are divided by their length (by this, if they are shorter), and gradients go through that.
    /// </param>
    public LabelledChunks(
        torch.Tensor features, torch.Tensor labels, torch.Tensor gradient,
        int labelCount, long chunkVoxels, double? shortestLength)
    {
        (this.features, this.labels, this.gradient) = (features, labels, gradient);
        (this.chunkVoxels, this.shortestLength) = (chunkVoxels, shortestLength);
        LabelCount = labelCount;
        numbers = torch.arange(Scalars.Of(0), Scalars.Of(labelCount), Scalars.Of(1), dtype: torch.uint8, device: labels.device).unsqueeze(1);
    }

    /// <summary>Number of labels K.</summary>
    public int LabelCount { get; }

    /// <summary>Voxels of the image.</summary>
    public long Voxels => features.shape[1];

    /// <summary>Sums of the features by label [C, K], and the labels' voxels [K].</summary>
    public (torch.Tensor Sums, torch.Tensor Counts) SumByLabel()
    {
        torch.Tensor sums = torch.zeros([features.shape[0], LabelCount], gradient.dtype, gradient.device);
        torch.Tensor counts = torch.zeros([LabelCount], gradient.dtype, gradient.device);
        foreach (LabelledChunk chunk in Chunks())
        {
            sums.PlusInPlace(chunk.Features.matmul(chunk.OneHot.t()));
            counts.PlusInPlace(chunk.OneHot.sum(1));
        }

        return (sums, counts);
    }

    /// <summary>Adds a column by label to the gradients, and takes them through the normalisation where there is one.</summary>
    /// <param name="columns">[C, K].</param>
    public void AddByLabel(torch.Tensor columns)
    {
        foreach (LabelledChunk chunk in Chunks())
        {
            chunk.Gradient.PlusInPlace(columns.matmul(chunk.OneHot));
            if (chunk.Lengths is { } lengths)
            {
                torch.Tensor along = (chunk.Features * chunk.Gradient).sum(0, keepdim: true);
                chunk.Gradient.sub_(chunk.Features * along).div_(lengths);
            }
        }
    }

    /// <summary>The chunks, one after the other; each lives until the next is asked for.</summary>
    public IEnumerable<LabelledChunk> Chunks()
    {
        for (long first = 0; first < Voxels; first += chunkVoxels)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            long count = Math.Min(chunkVoxels, Voxels - first);
            torch.Tensor chunk = features.narrow(1, first, count).to_type(gradient.dtype);
            torch.Tensor? lengths = shortestLength is { } shortest
                ? chunk.mul(chunk).sum(0, keepdim: true).sqrt().clamp_min(Scalars.Of(shortest))
                : null;
            yield return new LabelledChunk(
                lengths is null ? chunk : chunk / lengths,
                lengths,
                labels.narrow(0, first, count).unsqueeze(0).eq(numbers).to_type(gradient.dtype),
                gradient.narrow(1, first, count));
        }
    }
}

/// <summary>A run of voxels of one image.</summary>
/// <param name="Features">[C, n], normalised where that is asked for.</param>
/// <param name="Lengths">What they were divided by [1, n], or null.</param>
/// <param name="OneHot">[K, n].</param>
/// <param name="Gradient">[C, n], a part of the whole gradient.</param>
internal readonly record struct LabelledChunk(
    torch.Tensor Features, torch.Tensor? Lengths, torch.Tensor OneHot, torch.Tensor Gradient);
