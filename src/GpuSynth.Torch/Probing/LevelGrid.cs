using GpuSynth.Kernels;

namespace GpuSynth.Torch.Probing;

// Along each axis a map's voxel n covers the image's voxels n f - m to (n + 1) f - m - 1, with f the stride and m the margin of
// zeros that was laid around the image: the map's place of voxel x is (x + m + 1/2) / f - 1/2, held within the map.

/// <summary>Where the voxels of a feature map lie in its image, and linear interpolation between them.</summary>
internal sealed class LevelGrid
{
    private readonly int[] sides;
    private readonly (int Low, float Share)[][] places;
    private readonly VolumeShape image;

    /// <summary>A grid.</summary>
    /// <param name="image">Shape of the image.</param>
    /// <param name="sides">Voxels of the map: depth (1 of an image), height, width.</param>
    /// <param name="factors">The image's voxels per voxel of the map, per axis.</param>
    /// <param name="margins">Voxels of the margin before the image, per axis.</param>
    public LevelGrid(VolumeShape image, int[] sides, int[] factors, int[] margins)
    {
        (this.image, this.sides) = (image, sides);
        int[] lengths = [image.Depth, image.Height, image.Width];
        places = new (int, float)[3][];
        for (int axis = 0; axis < 3; axis++)
        {
            places[axis] = new (int, float)[lengths[axis]];
            for (int n = 0; n < lengths[axis]; n++)
            {
                double place = Math.Clamp(((n + margins[axis] + 0.5) / factors[axis]) - 0.5, 0, sides[axis] - 1);
                int low = Math.Min((int)place, Math.Max(0, sides[axis] - 2));
                places[axis][n] = (low, (float)(place - low));
            }
        }
    }

    /// <summary>Voxels of the map.</summary>
    public int Count => sides[0] * sides[1] * sides[2];

    /// <summary>The grid of features that every voxel of an image has.</summary>
    public static LevelGrid Of(VolumeShape image) =>
        new(image, [image.Depth, image.Height, image.Width], [1, 1, 1], [0, 0, 0]);

    /// <summary>The map's voxels around a voxel of the image, and their weights, whose sum is 1; returns how many (1 to 8).</summary>
    /// <param name="voxel">The image's voxel in array order.</param>
    /// <param name="at">Room for 8.</param>
    /// <param name="weights">Room for 8.</param>
    public int Corners(int voxel, Span<int> at, Span<float> weights)
    {
        (int row, int x) = Math.DivRem(voxel, image.Width);
        (int z, int y) = Math.DivRem(row, image.Height);
        (int Low, float Share) depth = places[0][z], height = places[1][y], width = places[2][x];
        int count = 0;
        for (int corner = 0; corner < 8; corner++)
        {
            (int dz, int dy, int dx) = (corner >> 2, (corner >> 1) & 1, corner & 1);
            float weight = Weight(depth.Share, dz) * Weight(height.Share, dy) * Weight(width.Share, dx);
            if (weight > 0)
            {
                at[count] = ((((depth.Low + dz) * sides[1]) + height.Low + dy) * sides[2]) + width.Low + dx;
                weights[count++] = weight;
            }
        }

        return count;
    }

    /// <summary>Adds a map, linear between its voxels, to values of every voxel of the image.</summary>
    /// <param name="map">[voxels of the map].</param>
    /// <param name="sums">[voxels of the image].</param>
    public void AddTo(ReadOnlySpan<float> map, Span<float> sums)
    {
        int n = 0;
        foreach ((int zLow, float zShare) in places[0])
        {
            foreach ((int yLow, float yShare) in places[1])
            {
                int first = ((zLow * sides[1]) + yLow) * sides[2];
                int below = yShare > 0 ? sides[2] : 0;
                int behind = zShare > 0 ? sides[1] * sides[2] : 0;
                foreach ((int xLow, float xShare) in places[2])
                {
                    int at = first + xLow;
                    int right = xShare > 0 ? 1 : 0;
                    float near = Between(Between(map[at], map[at + right], xShare), Between(map[at + below], map[at + below + right], xShare), yShare);
                    if (behind > 0)
                    {
                        at += behind;
                        float far = Between(Between(map[at], map[at + right], xShare), Between(map[at + below], map[at + below + right], xShare), yShare);
                        near = Between(near, far, zShare);
                    }

                    sums[n++] += near;
                }
            }
        }
    }

    private static float Weight(float share, int side) => side == 0 ? 1 - share : share;

    private static float Between(float a, float b, float share) => a + (share * (b - a));
}
