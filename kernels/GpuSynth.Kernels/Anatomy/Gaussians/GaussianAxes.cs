namespace GpuSynth.Kernels;

/// <summary>The axes of a blob that stands alone, of what was drawn for it.</summary>
internal static class GaussianAxes
{
    /// <summary>Standard deviations along three axes; in an image the first is along z and counts for nothing.</summary>
    /// <param name="size">Their geometric mean; in an image that of the other two.</param>
    /// <param name="logElongation">Logarithm of the longest over the shortest.</param>
    /// <param name="middle">Where the logarithm of the middle one lies between them: 0 at the longest, 1 at the shortest.</param>
    /// <param name="isFlat">Whether it is an image.</param>
    /// <param name="lengths">Written, three.</param>
    public static void Lengths(double size, double logElongation, double middle, bool isFlat, Span<double> lengths)
    {
        // Logarithms of the three over their geometric mean.
        double mean = isFlat ? 0 : (0.5 - middle) / 3;
        double second = isFlat ? 0.5 : 0.5 - middle;
        lengths[0] = isFlat ? 1 : size * Math.Exp(logElongation * (0.5 - mean));
        lengths[1] = size * Math.Exp(logElongation * (second - mean));
        lengths[2] = size * Math.Exp(logElongation * (-0.5 - mean));
    }

    /// <summary>
    /// Three directions at right angles, uniform over all turns (K. Shoemake, Graphics Gems III, 1992); in an image the first stays along z.
    /// </summary>
    /// <param name="first">Three uniform numbers, 0 to 1; of an image the first counts.</param>
    /// <param name="share">The second.</param>
    /// <param name="third">The third.</param>
    /// <param name="isFlat">Whether it is an image.</param>
    /// <param name="turn">Written, a direction after another: z, y, x of each.</param>
    public static void Turn(double first, double share, double third, bool isFlat, Span<double> turn)
    {
        (double sine, double cosine) = Math.SinCos(Math.Tau * first);
        if (isFlat)
        {
            ReadOnlySpan<double> inPlane = [1, 0, 0, 0, cosine, sine, 0, -sine, cosine];
            inPlane.CopyTo(turn);
            return;
        }

        (double otherSine, double otherCosine) = Math.SinCos(Math.Tau * third);
        (double low, double high) = (Math.Sqrt(1 - share), Math.Sqrt(share));
        (double i, double j, double k, double w) = (low * sine, low * cosine, high * otherSine, high * otherCosine);
        ReadOnlySpan<double> rows =
        [
            1 - (2 * ((j * j) + (k * k))), 2 * ((i * j) + (k * w)), 2 * ((i * k) - (j * w)),
            2 * ((i * j) - (k * w)), 1 - (2 * ((i * i) + (k * k))), 2 * ((j * k) + (i * w)),
            2 * ((i * k) + (j * w)), 2 * ((j * k) - (i * w)), 1 - (2 * ((i * i) + (j * j))),
        ];
        rows.CopyTo(turn);
    }
}
