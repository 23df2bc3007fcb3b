namespace GpuSynth.Kernels;

// Filtered back-projection of the box |s - s_i| <= w / 2 under the ramp -1 / (2 pi^2 s^2), averaged over a detector and over a voxel, both one voxel wide:
//   Q_w(s) = (D(s + w / 2) - D(s - w / 2)) / (2 pi^2),  D(u) = G(u + 1) - 2 G(u) + G(u - 1),  G(u) = u ln|u|.
// It is finite everywhere, and its sum over whole s is 0. What lies inside and what outside of a trace is decided here alone, in double.
// Of all directions together an error that is the same in each makes 1 / (pi sqrt(w^2 / 4 - r^2)) of its disc, and nothing outside: what a metal
// alone is hardened by is left out, for its disc is painted, and of a few directions it would leave a star.

/// <summary>What wrong projections of metal make of an image: a filtered profile for each direction of projection.</summary>
internal static class MetalTraces
{
    // Photons that a detector counts of those scattered elsewhere: ADN's simulation.
    private const double Scattered = 20;

    /// <summary>Directions of projection over half a turn: about one for every two voxels of the border, 64 to 180.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static int Views(VolumeShape shape) => Math.Clamp((int)(Math.PI / 4 * Math.Max(shape.Height, shape.Width)), 64, 180);

    /// <summary>Detectors on either side of the one in the middle: every voxel of a plane lies between two.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static int Half(VolumeShape shape) =>
        (int)Math.Ceiling(Math.Sqrt(((double)shape.Height * shape.Height) + ((double)shape.Width * shape.Width)) / 2) + 1;

    /// <summary>Words of a direction: cosine and sine, then a number for each detector.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static int ViewWords(VolumeShape shape) => 3 + (2 * Half(shape));

    /// <summary>Writes every direction.</summary>
    /// <param name="metals">The metals of a plane.</param>
    /// <param name="beam">What their projections suffer.</param>
    /// <param name="noise">A normal number for each metal and direction, [metal][view].</param>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="to">Written: [view][<see cref="ViewWords"/>].</param>
    public static void Write(ReadOnlySpan<Metal> metals, MetalBeam beam, ReadOnlySpan<float> noise, VolumeShape shape, Span<float> to)
    {
        int views = Views(shape);
        int words = ViewWords(shape);
        int half = Half(shape);
        Span<double> sum = stackalloc double[(2 * half) + 1];
        for (int view = 0; view < views; view++)
        {
            (double sine, double cosine) = Math.SinCos(Math.PI * view / views);
            Span<float> own = to.Slice(view * words, words);
            (own[0], own[1]) = ((float)cosine, (float)sine);
            sum.Clear();
            for (int metal = 0; metal < metals.Length; metal++)
            {
                double error = Error(metals, metal, cosine, sine, beam, noise[(metal * views) + view]);
                AddFiltered(sum, error / views, half + metals[metal].Along(cosine, sine), metals[metal].Width);
            }

            for (int detector = 0; detector < sum.Length; detector++)
            {
                own[2 + detector] = (float)sum[detector];
            }
        }
    }

    /// <summary>
    /// Adds pi times an error times Q_w: what a direction adds to voxels, at whole detectors.
    /// </summary>
    internal static void AddFiltered(Span<double> sum, double error, double middle, double width)
    {
        var right = new SecondDifference((width / 2) - middle);
        var left = new SecondDifference((-width / 2) - middle);
        for (int detector = 0; detector < sum.Length; detector++)
        {
            sum[detector] += error / (2 * Math.PI) * (right.Next() - left.Next());
        }
    }

    // Hardening: a projection p is measured as p - b p^2, and beyond the height of that curve no more than it: the detector has its end. Metals
    // that lie behind one another each bear their share of the square of the sum, and what each would have alone is the same in all directions.
    // Starvation: the deviation of the logarithm of what is counted.
    private static double Error(ReadOnlySpan<Metal> metals, int metal, double cosine, double sine, MetalBeam beam, double normal)
    {
        Metal own = metals[metal];
        double path = own.Path;
        for (int other = 0; other < metals.Length; other++)
        {
            if (other != metal)
            {
                double apart = Math.Abs(own.Along(cosine, sine) - metals[other].Along(cosine, sine));
                double shared = Math.Clamp(((own.Width + metals[other].Width) / 2) - apart, 0, Math.Min(own.Width, metals[other].Width));
                path += shared / own.Width * metals[other].Path;
            }
        }

        double share = path > 0 ? own.Path / path : 0;
        double behind = (share * Lost(path, beam.Hardening)) - Lost(own.Path, beam.Hardening);
        return beam.PerProjection * ((normal / Math.Sqrt((beam.Photons * Math.Exp(-path)) + Scattered)) - behind);
    }

    private static double Lost(double path, double hardening) =>
        2 * hardening * path <= 1 ? hardening * path * path : path - (1 / (4 * hardening));

    // D at u, u + 1, ...
    private ref struct SecondDifference(double u)
    {
        private double next = u + 1;
        private double own = G(u);
        private double before = G(u - 1);

        public double Next()
        {
            double after = G(next);
            double difference = after - (2 * own) + before;
            (before, own, next) = (own, after, next + 1);
            return difference;
        }

        private static double G(double u) => u == 0 ? 0 : u * Math.Log(Math.Abs(u));
    }
}

/// <summary>A metal disc in the planes of a sample.</summary>
/// <param name="Y">Its middle along y from the isocentre, in voxels.</param>
/// <param name="X">Likewise along x.</param>
/// <param name="Width">Its diameter in voxels.</param>
/// <param name="Path">The line integral of its attenuation through its middle.</param>
internal readonly record struct Metal(double Y, double X, double Width, double Path)
{
    /// <summary>Where the middle of its trace lies.</summary>
    public double Along(double cosine, double sine) => (X * cosine) + (Y * sine);
}

/// <summary>What projections suffer.</summary>
/// <param name="Hardening">b of p - b p^2.</param>
/// <param name="Photons">Photons that a detector counts where there is no metal.</param>
/// <param name="PerProjection">Hounsfield units of a projection of 1 over one voxel.</param>
internal readonly record struct MetalBeam(double Hardening, double Photons, double PerProjection);
