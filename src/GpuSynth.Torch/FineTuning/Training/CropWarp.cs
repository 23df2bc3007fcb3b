using System.Numerics;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

// A voxel of the crop at p (in voxels from the crop's middle, along the case's axes) shows the case at middle + S^-1 R S p / scale:
// R is a rotation in millimetres, S the spacing. Images linear between eight neighbours, labels the nearest voxel; what lies outside
// the case is 0 and background. A scale above 1 shows less of the case, larger.

/// <summary>A rotation and a scale about a crop's middle.</summary>
/// <param name="Depth">What one voxel of the crop along the case's depth is in the case: depth, height, width.</param>
/// <param name="Height">Along the height.</param>
/// <param name="Width">Along the width.</param>
internal readonly record struct CropWarp(Vector3 Depth, Vector3 Height, Vector3 Width)
{
    /// <summary>A warp of given angles.</summary>
    /// <param name="radians">About the axes of depth, height, width; of an image only the first counts.</param>
    /// <param name="scale">Above 0.</param>
    /// <param name="spacing">Of the case.</param>
    /// <param name="dimensions">2 or 3.</param>
    public static CropWarp Of(Vector3 radians, float scale, VoxelSpacing spacing, int dimensions)
    {
        // About the depth, heights turn to widths; an image has no other rotation, and its depth stays.
        Vector3 Turned(Vector3 millimetres)
        {
            Vector3 v = Turn(millimetres, radians.X, 1, 2);
            return dimensions == 2 ? v : Turn(Turn(v, radians.Y, 0, 2), radians.Z, 0, 1);
        }

        var steps = new Vector3((float)spacing.Depth, (float)spacing.Height, (float)spacing.Width);
        Vector3 Column(Vector3 axis) => Turned(axis * steps) / steps / scale;
        return new CropWarp(dimensions == 2 ? Vector3.UnitX : Column(Vector3.UnitX), Column(Vector3.UnitY), Column(Vector3.UnitZ));
    }

    /// <summary>Draws one; null where neither is drawn.</summary>
    public static CropWarp? Draw(VoxelSpacing spacing, int dimensions, Augmentation augmentation, ref PlaceRandom random)
    {
        (Vector3 radians, float scale) = (Vector3.Zero, 1);
        bool isTurned = random.Uniform() < augmentation.RotationProbability;
        if (isTurned)
        {
            float most = augmentation.RotationDegrees * MathF.PI / 180;
            radians = most * new Vector3(Centred(ref random), Centred(ref random), Centred(ref random));
        }

        bool isScaled = random.Uniform() < augmentation.ScalingProbability;
        if (isScaled)
        {
            scale = random.Between(augmentation.SmallestScale, augmentation.LargestScale);
        }

        return isTurned || isScaled ? Of(radians, scale, spacing, dimensions) : null;
    }

    /// <summary>Where a voxel of the crop lies in the case, both from the crop's middle.</summary>
    public Vector3 Of(Vector3 voxel) => (voxel.X * Depth) + (voxel.Y * Height) + (voxel.Z * Width);

    /// <summary>A value between voxels, 0 outside.</summary>
    /// <param name="values">[D, H, W].</param>
    /// <param name="shape">Of the values.</param>
    /// <param name="at">Depth, height, width.</param>
    public static float Linear(ReadOnlySpan<float> values, VolumeShape shape, Vector3 at)
    {
        (int z, int y, int x) = ((int)MathF.Floor(at.X), (int)MathF.Floor(at.Y), (int)MathF.Floor(at.Z));
        (float wz, float wy, float wx) = (at.X - z, at.Y - y, at.Z - x);
        float sum = 0;
        for (int corner = 0; corner < 8; corner++)
        {
            (int dz, int dy, int dx) = (corner >> 2, (corner >> 1) & 1, corner & 1);
            float weight = (dz == 0 ? 1 - wz : wz) * (dy == 0 ? 1 - wy : wy) * (dx == 0 ? 1 - wx : wx);
            int voxel = Voxel(shape, z + dz, y + dy, x + dx);
            sum += weight > 0 && voxel >= 0 ? weight * values[voxel] : 0;
        }

        return sum;
    }

    /// <summary>The voxel nearest to a place; -1 outside.</summary>
    public static int Nearest(VolumeShape shape, Vector3 at) => Voxel(
        shape, (int)MathF.Floor(at.X + 0.5f), (int)MathF.Floor(at.Y + 0.5f), (int)MathF.Floor(at.Z + 0.5f));

    private static int Voxel(VolumeShape shape, int z, int y, int x) =>
        (uint)z < (uint)shape.Depth && (uint)y < (uint)shape.Height && (uint)x < (uint)shape.Width
            ? (((z * shape.Height) + y) * shape.Width) + x
            : -1;

    private static Vector3 Turn(Vector3 v, float radians, int first, int second)
    {
        (float sine, float cosine) = MathF.SinCos(radians);
        (float a, float b) = (v[first], v[second]);
        v[first] = (cosine * a) - (sine * b);
        v[second] = (sine * a) + (cosine * b);
        return v;
    }

    private static float Centred(ref PlaceRandom random) => (2 * random.Uniform()) - 1;
}
