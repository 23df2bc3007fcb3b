namespace GpuSynth.Kernels;

/// <summary>An ellipse in the planes of a sample, by fractions of its extent.</summary>
internal static class Ellipse
{
    /// <summary>Radii per voxel along an axis, and how far the middle of the first voxel lies from the centre, in radii.</summary>
    /// <param name="extent">Voxels along the axis.</param>
    /// <param name="radiusOfExtent">Radius over the extent, above 0.</param>
    /// <param name="centreOfExtent">Centre over the extent; 0.5 is the middle.</param>
    public static (float PerVoxel, float Offset) Along(int extent, float radiusOfExtent, float centreOfExtent)
    {
        double radius = (double)radiusOfExtent * extent;
        return ((float)(1 / radius), (float)((0.5 - (centreOfExtent * extent)) / radius));
    }
}
