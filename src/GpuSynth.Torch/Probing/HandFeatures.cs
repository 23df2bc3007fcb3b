using GpuSynth.Kernels;

namespace GpuSynth.Torch.Probing;

/// <summary>
/// Features that need no training: grey; at three scales (1, 2 and 4 voxels) the Gaussian, the length of its gradient and the
/// eigenvalues of its Hessian, ascending; in a second level the voxel's place on the body's axes as well, -1 to 1 per axis. Of
/// every channel of the image.
/// </summary>
internal sealed class HandFeatures : IFeatureSource
{
    /// <summary>The level without the place.</summary>
    public const string Appearance = "appearance";

    /// <summary>The level with it.</summary>
    public const string WithPlace = "with place";

    private static readonly double[] Scales = [1, 2, 4];

    public bool IsNested => true;

    public IReadOnlyList<FeatureLevel> Of(ProbeImage image)
    {
        List<float[]> maps = [];
        int voxels = (int)image.Shape.VoxelCount;
        for (int channel = 0; channel < image.Channels; channel++)
        {
            float[] grey = image.Values.AsSpan(channel * voxels, voxels).ToArray();
            maps.Add(grey);
            foreach (double sigma in Scales)
            {
                float[] smooth = ScaleSpace.Gaussian(grey, image.Shape, sigma);
                maps.Add(smooth);
                maps.AddRange(ScaleSpace.Derivatives(smooth, image.Shape));
            }
        }

        LevelGrid grid = LevelGrid.Of(image.Shape);
        int count = maps.Count;
        maps.AddRange(Places(image.Shape));
        float[] all = [.. maps.SelectMany(static map => map)];
        return
        [
            new FeatureLevel(Appearance, count, grid, all[..(count * voxels)]),
            new FeatureLevel(WithPlace, maps.Count, grid, all),
        ];
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private static IEnumerable<float[]> Places(VolumeShape shape)
    {
        int[] sides = [shape.Depth, shape.Height, shape.Width];
        for (int axis = shape.Dimensions == 2 ? 1 : 0; axis < 3; axis++)
        {
            float[] place = new float[shape.VoxelCount];
            for (int n = 0; n < place.Length; n++)
            {
                int at = axis == 2 ? n % shape.Width : axis == 1 ? n / shape.Width % shape.Height : n / (shape.Width * shape.Height);
                place[n] = sides[axis] > 1 ? (2f * at / (sides[axis] - 1)) - 1 : 0;
            }

            yield return place;
        }
    }
}
