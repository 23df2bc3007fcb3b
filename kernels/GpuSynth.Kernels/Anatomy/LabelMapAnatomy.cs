namespace GpuSynth.Kernels;

// LabelMapAnatomy: label(p) = map[floor(q + 1/2)],  q = M (p + F(p)) + t,  0 outside the map.
//   F: a smooth displacement in output voxels, the sum over scales of corner-aligned coarse grids, channel = component in array
//   order (z, y, x; in 2D y, x). M, t: LabelMapTransform.
// map: byte[Dm,Hm,Wm]; label: byte[D,H,W], written once; nodes: float, from the cache. About 2 B/voxel.
// Labels: the same on every device, away from ties (q within rounding of the middle between two map voxels).
// Reference: LabelMapAnatomy.Reference.cs. This is how the engine runs on real label maps, the way SynthSeg is used
// (Billot et al., Medical Image Analysis 86, 2023).

/// <summary>Labels from a real label map under an affine and a smooth deformation.</summary>
public static partial class LabelMapAnatomy
{
    /// <summary>Linear index of the nearest map voxel, or -1 outside the map.</summary>
    public static int Index(LabelMapTransform transform, float z, float y, float x)
    {
        float qz = (transform.ZZ * z) + (transform.ZY * y) + (transform.ZX * x) + transform.Z;
        float qy = (transform.YZ * z) + (transform.YY * y) + (transform.YX * x) + transform.Y;
        float qx = (transform.XZ * z) + (transform.XY * y) + (transform.XX * x) + transform.X;

        // Compared as numbers, before anything becomes an int: a position far outside would not fit one. Inside the map none is
        // negative, so that what the conversion cuts off is what a floor would.
        float nearestZ = qz + 0.5f;
        float nearestY = qy + 0.5f;
        float nearestX = qx + 0.5f;
        bool inside = nearestZ >= 0f && nearestZ < transform.MapDepth && nearestY >= 0f && nearestY < transform.MapHeight
            && nearestX >= 0f && nearestX < transform.MapWidth;
        return inside ? (((((int)nearestZ * transform.MapHeight) + (int)nearestY) * transform.MapWidth) + (int)nearestX) : -1;
    }

    internal static void CheckFits(in LabelMapTransform transform, VolumeShape shape)
    {
        if (transform.Dimensions != shape.Dimensions || transform.Height != shape.Height || transform.Width != shape.Width)
        {
            throw new ArgumentException($"The transform was built for another output shape than {shape}.", nameof(transform));
        }
    }
}
