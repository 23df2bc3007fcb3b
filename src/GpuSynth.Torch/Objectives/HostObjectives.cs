using GpuSynth.Kernels;

namespace GpuSynth.Torch.Objectives;

/// <summary>The objectives' losses and gradients by the kernels' host forms: a few sweeps over the features.</summary>
internal static unsafe class HostObjectives
{
    /// <summary>RaSD's loss; the gradient is written to the features' <see cref="HostFeatures.Gradient"/>.</summary>
    /// <param name="given">Features and labels.</param>
    /// <param name="isNormalised">Whether features and prototypes are divided by their lengths.</param>
    /// <param name="countOffset">e: 0 in 3D, 1 in 2D.</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    public static (double Pull, double Push) Rasd(HostFeatures given, bool isNormalised, double countOffset, double scale)
    {
        const int ChunkVoxels = RasdLoss.HostChunkVoxels;
        FeatureLayout layout = given.Layout;
        (int batch, int channels, int labels) = (layout.Batch, layout.Channels, given.LabelCount);
        int chunks = RasdLoss.ChunkCount(layout.Voxels, ChunkVoxels);
        int values = labels * channels, sumLength = RasdLoss.SumLength(labels, channels);
        int pullLength = RasdLoss.PullLength(labels, channels);
        float[] sums = new float[batch * chunks * sumLength], pulls = new float[batch * chunks * pullLength];
        float[] prototypes = new float[batch * values], columns = new float[batch * values];
        long ofImage = ((layout.Voxels + 15L) / 16) * 16 * labels;
        using var logits = new NativeFloats(batch * ofImage);
        double voxelWeight = 1.0 / ((double)batch * labels * layout.Voxels);
        given.ForEachChunk(ChunkVoxels, (image, chunk, first, count) =>
        {
            fixed (float* to = &sums[((image * chunks) + chunk) * sumLength])
            {
                RasdLoss.HostSums(
                    given.Image(image), given.IsBFloat16, layout, given.Labels(image), first, count, labels, isNormalised, to);
            }
        });
        var ofImages = new RasdPrototypes[batch];
        double push = 0, pull = 0;
        for (int image = 0; image < batch; image++)
        {
            ofImages[image] = new RasdPrototypes(
                sums.AsSpan(image * chunks * sumLength, chunks * sumLength), labels, channels, isNormalised, countOffset,
                1.0 / ((double)batch * labels * labels), scale);
            ofImages[image].CopyTo(prototypes.AsSpan(image * values, values));
            push += ofImages[image].Push;
        }

        given.ForEachChunk(ChunkVoxels, (image, chunk, first, count) =>
        {
            fixed (float* to = &pulls[((image * chunks) + chunk) * pullLength], own = &prototypes[image * values])
            {
                RasdLoss.HostPull(
                    given.Image(image), given.IsBFloat16, layout, given.Labels(image), first, count, labels, isNormalised, own,
                    (float)(voxelWeight * scale), logits.Values + (image * ofImage), to);
            }
        });
        for (int image = 0; image < batch; image++)
        {
            pull -= voxelWeight * ofImages[image].Columns(
                pulls.AsSpan(image * chunks * pullLength, chunks * pullLength), columns.AsSpan(image * values, values));
        }

        given.ForEachChunk(ChunkVoxels, (image, _, first, count) =>
        {
            fixed (float* own = &prototypes[image * values], column = &columns[image * values])
            {
                RasdLoss.HostGradient(
                    given.Image(image), given.GradientOf(image), given.IsBFloat16, layout, given.Labels(image), first, count,
                    labels, isNormalised, own, column, logits.Values + (image * ofImage));
            }
        });
        return (pull, push);
    }

    /// <summary>Dice loss and cross-entropy; the gradient is written as in <see cref="Rasd"/>.</summary>
    public static (double Dice, double CrossEntropy) Segment(HostFeatures given, double scale)
    {
        const int ChunkVoxels = RasdLoss.HostChunkVoxels;
        FeatureLayout layout = given.Layout;
        (int batch, int labels) = (layout.Batch, given.LabelCount);
        int chunks = RasdLoss.ChunkCount(layout.Voxels, ChunkVoxels), length = SegmentLoss.SumLength(labels);
        float[] sums = new float[batch * chunks * length], factors = new float[batch * 2 * labels];
        given.ForEachChunk(ChunkVoxels, (image, chunk, first, count) =>
        {
            fixed (float* to = &sums[((image * chunks) + chunk) * length])
            {
                SegmentLoss.HostSums(given.Image(image), given.IsBFloat16, layout, given.Labels(image), first, count, to);
            }
        });
        double overlap = 0, logarithms = 0;
        for (int image = 0; image < batch; image++)
        {
            (double ofImage, double logarithmsOfImage) = SegmentLoss.Combine(
                sums.AsSpan(image * chunks * length, chunks * length), labels, batch, scale,
                factors.AsSpan(image * 2 * labels, 2 * labels));
            overlap += ofImage;
            logarithms += logarithmsOfImage;
        }

        double voxelWeight = 1.0 / ((double)batch * layout.Voxels);
        given.ForEachChunk(ChunkVoxels, (image, _, first, count) =>
        {
            fixed (float* own = &factors[image * 2 * labels])
            {
                SegmentLoss.HostGradient(
                    given.Image(image), given.GradientOf(image), given.IsBFloat16, layout, given.Labels(image), first, count, own,
                    (float)(voxelWeight * scale));
            }
        });
        return (1 - overlap, -voxelWeight * logarithms);
    }
}
