using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>Voxels of a feature map, some for every item of a batch, and where they lie in the image.</summary>
/// <param name="Map">int64 [B, N], numbers of the map's voxels in array order.</param>
/// <param name="Image">int64 [B, N], the image's voxel in the middle of each.</param>
internal readonly record struct LevelVoxels(Tensor Map, Tensor Image)
{
    /// <summary>Draws them for every item by itself, without repetition; all where there are not more.</summary>
    /// <param name="map">The map; its tensor's items do not count.</param>
    /// <param name="most">Largest N.</param>
    /// <param name="random">One for each item.</param>
    public static LevelVoxels Draw(FeatureMap map, int most, Span<PlaceRandom> random)
    {
        long[] sides = map.Values.shape[2..];
        int all = (int)sides.Aggregate(1L, static (product, side) => product * side), count = Math.Min(most, all);
        long[] ofMap = new long[random.Length * count], ofImage = new long[ofMap.Length];
        for (int item = 0; item < random.Length; item++)
        {
            Draw(all, ofMap.AsSpan(item * count, count), ref random[item]);
        }

        for (int n = 0; n < ofMap.Length; n++)
        {
            ofImage[n] = Middle(ofMap[n], sides, map.Stride);
        }

        Tensor OnDevice(long[] values) => tensor(values).reshape(-1, count).to(map.Values.device);
        return new LevelVoxels(OnDevice(ofMap), OnDevice(ofImage));
    }

    /// <summary>The features of the voxels, the same voxels in every view.</summary>
    /// <param name="map">[views * B, C, (D,) H, W], one view behind the other.</param>
    /// <param name="views">Number of views.</param>
    /// <returns>[views * B, N, C], in the map's type.</returns>
    public Tensor Features(Tensor map, int views)
    {
        // A voxel's channels lie side by side on the host: so no map is copied, nor its gradient.
        Tensor at = Map.repeat(views, 1).unsqueeze(2).expand(-1, -1, map.shape[1]);
        return ChannelsLast.ToEnd(map).flatten(1, -2).gather(1, at);
    }

    /// <summary>The labels of the voxels: [B, N].</summary>
    /// <param name="labels">[B, (D,) H, W].</param>
    public Tensor Labels(Tensor labels) => labels.flatten(1).gather(1, Image);

    /// <summary>The image's voxel at place i f + f / 2 along every axis, for a map's voxel at place i and stride f.</summary>
    internal static long Middle(long voxel, ReadOnlySpan<long> sides, int stride)
    {
        long image = 0, unit = 1;
        for (int axis = sides.Length - 1; axis >= 0; axis--)
        {
            (voxel, long place) = Math.DivRem(voxel, sides[axis]);
            image += unit * ((place * stride) + (stride / 2));
            unit *= sides[axis] * stride;
        }

        return image;
    }

    // Floyd's draw: one number for each voxel however many there are. Bentley, "Programming Pearls: a sample of brilliance", 1987.
    private static void Draw(int all, Span<long> drawn, ref PlaceRandom random)
    {
        HashSet<long> known = [];
        for (int n = 0; n < drawn.Length; n++)
        {
            int last = all - drawn.Length + n;
            long voxel = random.Below(last + 1);
            drawn[n] = known.Add(voxel) ? voxel : last;
            known.Add(drawn[n]);
        }
    }
}
