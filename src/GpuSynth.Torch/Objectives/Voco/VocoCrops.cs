using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>The crops of a view: for every item the nine base crops, then the random ones.</summary>
/// <param name="grid">The base crops.</param>
/// <param name="randomCount">Random crops of an item.</param>
internal sealed class VocoCrops(CropGrid grid, int randomCount)
{
    private const float FlipShare = 0.2f;

    private readonly CropPlace[] bases = grid.Bases;

    /// <summary>Crops of an item.</summary>
    public int Count => CropGrid.Count + randomCount;

    /// <summary>Draws random crops of an item, writes their labels, and cuts all crops out, each turned over by itself.</summary>
    /// <param name="image">[1, C, (D,) H, W].</param>
    /// <param name="places">Draws where random crops lie.</param>
    /// <param name="flips">Draws which crops are turned over.</param>
    /// <param name="labels">[random crops, 9]; written.</param>
    /// <returns>Crops [1, C, (D,) h, w], in the caller's scope.</returns>
    public Tensor[] Cut(Tensor image, ref PlaceRandom places, ref PlaceRandom flips, Span<float> labels)
    {
        var crops = new Tensor[Count];
        for (int n = 0; n < Count; n++)
        {
            CropPlace place;
            if (n < CropGrid.Count)
            {
                place = bases[n];
            }
            else
            {
                place = grid.Draw(ref places);
                grid.Overlaps(place).CopyTo(labels[((n - CropGrid.Count) * CropGrid.Count)..]);
            }

            crops[n] = Flipped(image.narrow(-2, place.Y, grid.Height).narrow(-1, place.X, grid.Width), ref flips);
        }

        return crops;
    }

    // Each axis of the plane with a chance of 0.2.
    private static Tensor Flipped(Tensor crop, ref PlaceRandom random)
    {
        bool isOver = random.Uniform() < FlipShare, isAcross = random.Uniform() < FlipShare;
        return (isOver, isAcross) switch
        {
            (true, true) => crop.flip(-2, -1),
            (true, false) => crop.flip(-2),
            (false, true) => crop.flip(-1),
            _ => crop,
        };
    }
}
