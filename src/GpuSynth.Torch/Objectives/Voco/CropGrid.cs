using GpuSynth.Kernels;

namespace GpuSynth.Torch.Objectives;

/// <summary>Where a crop begins, in voxels of the image.</summary>
internal readonly record struct CropPlace(int Y, int X);

/// <summary>
/// Nine base crops side by side, three by three in the plane of height and width and in its middle, each over the whole depth.
/// </summary>
/// <param name="Height">A crop's height: a third of the image's, or less.</param>
/// <param name="Width">A crop's width.</param>
/// <param name="Top">Where the first crop begins.</param>
/// <param name="Left">Where the first crop begins.</param>
internal readonly record struct CropGrid(int Height, int Width, int Top, int Left)
{
    /// <summary>Base crops along each axis.</summary>
    public const int Along = 3;

    /// <summary>Base crops.</summary>
    public const int Count = Along * Along;

    /// <summary>The base crops, row by row.</summary>
    public CropPlace[] Bases
    {
        get
        {
            CropGrid grid = this;
            return
            [
                .. Enumerable.Range(0, Count)
                    .Select(k => new CropPlace(grid.Top + (k / Along * grid.Height), grid.Left + (k % Along * grid.Width))),
            ];
        }
    }

    /// <summary>The largest grid whose crops a network takes.</summary>
    /// <param name="shape">Shape of the images.</param>
    /// <param name="sideMultiple">What the network's sides are multiples of.</param>
    /// <exception cref="ObjectiveException">No crop fits: names the least side.</exception>
    public static CropGrid Of(VolumeShape shape, int sideMultiple)
    {
        // A network refuses an image with one voxel at its lowest level, and so does a crop.
        bool isDeep = shape.Dimensions == 3 && shape.Depth > sideMultiple;
        int least = Along * sideMultiple * (isDeep ? 1 : 2);
        if (Math.Min(shape.Height, shape.Width) < least)
        {
            throw new ObjectiveException(
                $"Objective {VocoObjective.ObjectiveName} takes three by three crops of height and width whose sides are multiples of "
                + $"{sideMultiple}, and {shape} has no room for them: take {least} or more for both, or a network with fewer levels.");
        }

        int height = shape.Height / Along / sideMultiple * sideMultiple, width = shape.Width / Along / sideMultiple * sideMultiple;
        return new CropGrid(height, width, (shape.Height - (Along * height)) / 2, (shape.Width - (Along * width)) / 2);
    }

    /// <summary>A crop within the grid, every place alike.</summary>
    public CropPlace Draw(ref PlaceRandom random) => new(
        Top + random.Below(((Along - 1) * Height) + 1), Left + random.Below(((Along - 1) * Width) + 1));

    /// <summary>The shares of a crop within the grid that lie in each of the base crops: at most four are above 0, and their sum is 1.</summary>
    public float[] Overlaps(CropPlace place)
    {
        CropGrid grid = this;
        int Common(int a, int b, int side) => Math.Max(0, side - Math.Abs(a - b));
        return
        [
            .. Bases.Select(one => (float)(
                (double)Common(one.Y, place.Y, grid.Height) * Common(one.X, place.X, grid.Width) / ((double)grid.Height * grid.Width))),
        ];
    }
}
