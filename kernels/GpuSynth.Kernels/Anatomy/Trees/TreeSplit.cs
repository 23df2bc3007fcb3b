namespace GpuSynth.Kernels;

// TreeSplit: Murray's law. r_p^k = r_1^k + r_2^k with r_2 = a r_1; the angles are those that cost the least surface and volume:
//   cos t_1 = (r_p^4 + r_1^4 - r_2^4) / (2 r_p^2 r_1^2), and the other way round for t_2; symmetric with k = 3 they are 37.47 degrees.
// Sources: Murray, "The physiological principle of minimum work", PNAS 12, 1926; Murray, "... applied to the angle of branching", J. Gen. Physiol. 9, 1926.

/// <summary>What a branch divides into.</summary>
/// <param name="Larger">Radius of the larger branch.</param>
/// <param name="Smaller">Radius of the smaller one.</param>
/// <param name="LargerTurn">Angle between the branch and the larger one, in radians.</param>
/// <param name="SmallerTurn">Angle between the branch and the smaller one, to the other side.</param>
internal readonly record struct TreeSplit(double Larger, double Smaller, double LargerTurn, double SmallerTurn)
{
    /// <summary>What a branch divides into.</summary>
    /// <param name="radius">Its radius, above 0.</param>
    /// <param name="asymmetry">Radius of the smaller branch over that of the larger one, above 0 and at most 1.</param>
    /// <param name="exponent">Murray's exponent, at least 2; below, no angle costs the least.</param>
    public static TreeSplit Of(double radius, double asymmetry, double exponent)
    {
        double larger = radius * Math.Pow(1 + Math.Pow(asymmetry, exponent), -1 / exponent);
        double smaller = asymmetry * larger;
        return new TreeSplit(larger, smaller, Turn(radius, larger, smaller), Turn(radius, smaller, larger));
    }

    private static double Turn(double parent, double own, double other)
    {
        double cosine = (Math.Pow(parent, 4) + Math.Pow(own, 4) - Math.Pow(other, 4)) / (2 * parent * parent * own * own);
        return Math.Acos(Math.Clamp(cosine, -1, 1));
    }
}
