using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

// Resampling between grids over the same extent: voxel centres of axis a at (i + 1/2) * step; the place of target voxel i in the
// source is (i + 1/2) * step - 1/2, clamped to the outermost centres. step = target spacing / source spacing.
// Linear: per axis two neighbours and a weight; nearest: the rounded place, halves up.

/// <summary>Changes the grid of volumes [D, H, W] and images [H, W].</summary>
internal static class Resampling
{
    public static float[] Linear(
        ReadOnlySpan<float> source, VolumeShape from, VolumeShape to, VoxelSpacing fromSpacing, VoxelSpacing toSpacing)
    {
        (Place[] z, Place[] y, Place[] x) = Places(from, to, fromSpacing, toSpacing);
        float[] result = new float[to.VoxelCount];
        int n = 0;
        foreach (Place pz in z)
        {
            foreach (Place py in y)
            {
                int near = from.Width * ((from.Height * pz.Low) + py.Low);
                int back = from.Width * ((from.Height * pz.High) + py.Low);
                int nearHigh = from.Width * ((from.Height * pz.Low) + py.High);
                int backHigh = from.Width * ((from.Height * pz.High) + py.High);
                foreach (Place px in x)
                {
                    float low = Mix(Mix(source, near, px), Mix(source, nearHigh, px), py.Weight);
                    float high = Mix(Mix(source, back, px), Mix(source, backHigh, px), py.Weight);
                    result[n++] = Mix(low, high, pz.Weight);
                }
            }
        }

        return result;
    }

    public static byte[] Nearest(
        ReadOnlySpan<byte> source, VolumeShape from, VolumeShape to, VoxelSpacing fromSpacing, VoxelSpacing toSpacing)
    {
        (Place[] z, Place[] y, Place[] x) = Places(from, to, fromSpacing, toSpacing);
        byte[] result = new byte[to.VoxelCount];
        int n = 0;
        foreach (Place pz in z)
        {
            foreach (Place py in y)
            {
                int row = from.Width * ((from.Height * pz.Nearest) + py.Nearest);
                foreach (Place px in x)
                {
                    result[n++] = source[row + px.Nearest];
                }
            }
        }

        return result;
    }

    private static (Place[] Z, Place[] Y, Place[] X) Places(
        VolumeShape from, VolumeShape to, VoxelSpacing fromSpacing, VoxelSpacing toSpacing) =>
    (
        Places(from.Depth, to.Depth, toSpacing.Depth / fromSpacing.Depth),
        Places(from.Height, to.Height, toSpacing.Height / fromSpacing.Height),
        Places(from.Width, to.Width, toSpacing.Width / fromSpacing.Width));

    private static Place[] Places(int from, int to, double step)
    {
        var places = new Place[to];
        for (int i = 0; i < to; i++)
        {
            double place = Math.Clamp(((i + 0.5) * step) - 0.5, 0, from - 1);
            int low = Math.Min((int)place, Math.Max(0, from - 2));
            places[i] = new Place(low, Math.Min(low + 1, from - 1), (float)(place - low));
        }

        return places;
    }

    private static float Mix(ReadOnlySpan<float> source, int row, Place x) =>
        Mix(source[row + x.Low], source[row + x.High], x.Weight);

    private static float Mix(float low, float high, float weight) => low + (weight * (high - low));

    private readonly record struct Place(int Low, int High, float Weight)
    {
        public int Nearest => Weight >= 0.5f ? High : Low;
    }
}
