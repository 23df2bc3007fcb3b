namespace GpuSynth.Kernels;

// g(r) = integral over theta from 0 to pi of (h * q)(r cos theta),  q(s) even,  h(0) = 1/4, h(n) = -1 / (pi n)^2 of odd n, 0 of even n:
// the ramp at a detector spacing of one voxel. Forward projection of g gives q again: that is what back-projection of a filtered projection means.

/// <summary>What errors of detectors make of an image, by the distance from the isocentre.</summary>
internal static class RingProfile
{
    /// <summary>Numbers of a profile: every distance between two voxels of a plane, and one more.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static int Length(VolumeShape shape) =>
        (int)Math.Ceiling(Math.Sqrt(((double)shape.Height * shape.Height) + ((double)shape.Width * shape.Width))) + 2;

    /// <summary>Writes g at 0, 1, 2, ...</summary>
    /// <param name="radii">Distance of each detector from the isocentre's, in voxels; the nearest whole number counts.</param>
    /// <param name="strengths">g at that distance, were each alone.</param>
    /// <param name="signs">What strengths are multiplied by.</param>
    /// <param name="profile">Written.</param>
    public static void Write(ReadOnlySpan<float> radii, ReadOnlySpan<float> strengths, ReadOnlySpan<float> signs, Span<float> profile)
    {
        profile.Clear();
        if (radii.IsEmpty)
        {
            return;
        }

        // What is filtered, at whole detectors from the isocentre's on: it is even.
        Span<double> filtered = stackalloc double[profile.Length + 1];
        filtered.Clear();
        for (int ring = 0; ring < radii.Length; ring++)
        {
            int radius = (int)MathF.Round(radii[ring]);
            AddFiltered(filtered, radius, signs[ring] * (double)strengths[ring] / Own(radius));
        }

        for (int distance = 0; distance < profile.Length; distance++)
        {
            profile[distance] = (float)BackProjected(filtered, distance);
        }
    }

    // g of a detector's error of 1 at its own radius.
    private static double Own(int radius)
    {
        Span<double> filtered = stackalloc double[radius + 2];
        filtered.Clear();
        AddFiltered(filtered, radius, 1);
        return BackProjected(filtered, radius);
    }

    // Over a full turn a detector sees what its opposite sees: the even part, half of the error on either side.
    private static void AddFiltered(Span<double> filtered, int radius, double error)
    {
        for (int s = 0; s < filtered.Length; s++)
        {
            filtered[s] += error / 2 * (Ramp(s - radius) + Ramp(s + radius));
        }
    }

    // Over half of the angles, twice: the middles of as many steps as keep s within half a detector of the one before.
    private static double BackProjected(ReadOnlySpan<double> filtered, int distance)
    {
        int steps = (int)Math.Ceiling(Math.PI * distance) + 8;
        double sum = 0;
        for (int step = 0; step < steps; step++)
        {
            double s = distance * Math.Cos((step + 0.5) * Math.PI / (2 * steps));
            int near = (int)s;
            sum += filtered[near] + ((s - near) * (filtered[near + 1] - filtered[near]));
        }

        return sum * Math.PI / steps;
    }

    private static double Ramp(int n) => n == 0 ? 0.25 : (n & 1) == 0 ? 0 : -1 / (Math.PI * Math.PI * n * n);
}
