using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// The batches of an arm. A batch is a function of the seed and the step: the presentations n = step * batch + i run through the
/// cases in rounds, each round in an order of its own.
/// </summary>
internal sealed class CropSource(
    IReadOnlyList<SegmentationCase> cases,
    ulong seed,
    int batch,
    VolumeShape patch,
    Augmentation augmentation,
    byte[]? lateralExchange = null,
    CropAppearance? appearance = null)
{
    /// <summary>The training cases of an arm: the first of a seeded order: more cases hold the fewer.</summary>
    public static IReadOnlyList<SegmentationCase> Subset(IReadOnlyList<SegmentationCase> cases, int count, ulong seed)
    {
        var random = new PlaceRandom(seed, 0, PlaceRandom.SubsetStream);
        return [.. random.Shuffled(cases.Count).Take(count).Select(n => cases[n])];
    }

    /// <summary>Fills a batch.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="images">[batch, channels, voxels].</param>
    /// <param name="labels">[batch, voxels].</param>
    public void Fill(int step, Span<float> images, Span<byte> labels)
    {
        int voxels = (int)patch.VoxelCount;
        int values = cases[0].Channels * voxels;
        for (int i = 0; i < batch; i++)
        {
            long number = ((long)step * batch) + i;
            (long round, long turn) = Math.DivRem(number, cases.Count);
            int[] order = new PlaceRandom(seed, (ulong)round, PlaceRandom.OrderStream).Shuffled(cases.Count);
            SegmentationCase one = cases[order[turn]];
            var random = new PlaceRandom(seed, (ulong)number, PlaceRandom.CropStream);
            DrawnCrop drawn = DrawnCrop.Draw(one, patch, augmentation, ref random);
            Span<byte> own = labels.Slice(i * voxels, voxels);
            drawn.Apply(one, patch, images.Slice(i * values, values), own);
            for (int channel = 0; channel < one.Channels; channel++)
            {
                Span<float> ofChannel = images.Slice((i * values) + (channel * voxels), voxels);
                long place = (number * one.Channels) + channel;
                if (augmentation.ChangesChannels)
                {
                    var noise = new RandomPlace(seed, (ulong)place, PlaceRandom.CropNoiseStream);
                    IntensityChange.Draw(augmentation, noise, ref random).Apply(ofChannel, patch);
                }

                appearance?.Apply(ofChannel, place);
            }

            if (lateralExchange is not null && drawn.IsMirrored && one.HasLateralAxis)
            {
                ExchangeSides(own, lateralExchange);
            }
        }
    }

    // What was left lies on the right in a mirror.
    private static void ExchangeSides(Span<byte> labels, byte[] exchange)
    {
        for (int n = 0; n < labels.Length; n++)
        {
            labels[n] = labels[n] < exchange.Length ? exchange[labels[n]] : labels[n];
        }
    }
}
