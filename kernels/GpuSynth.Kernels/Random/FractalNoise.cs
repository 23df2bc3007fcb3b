using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// FractalNoise: f(q) = a_0 sum_j r^j n(q / 2^j + s_j),  j = 0 .. J - 1,  r = 2^H,  a_0^2 sum_j r^2j = 1,  n the noise of a LatticeTile.
// Each octave doubles the spacing of the one before. f is N(0, 1) everywhere; its spectrum falls as k^-(2H + d) between the octaves.

/// <summary>
/// Fractal noise: octaves of lattice noise, each twice as wide as the one before and 2^H times as strong, of standard deviation 1 together.
/// </summary>
public static class FractalNoise
{
    // An octave looks elsewhere into the tile than the one before. No whole number of steps, or lattice points would lie on lattice points.
    internal const float Shift = 11.375f;

    /// <summary>Strength of the first octave: that of all together is 1.</summary>
    /// <param name="octaves">Octaves J, at least 1.</param>
    /// <param name="hurst">H: an octave is 2^H times as strong as the one before.</param>
    public static double FirstStrength(int octaves, double hurst)
    {
        double squares = 0;
        for (int octave = 0; octave < octaves; octave++)
        {
            squares += Math.Pow(2, 2 * hurst * octave);
        }

        return 1 / Math.Sqrt(squares);
    }

    /// <summary>The octaves at a place, the first of strength 1.</summary>
    /// <param name="tile">The tile that they look into.</param>
    /// <param name="z">Place along z in steps of the first octave; not looked at in an image.</param>
    /// <param name="y">Along y.</param>
    /// <param name="x">Along x.</param>
    /// <param name="more">Octaves beside the first.</param>
    /// <param name="rise">2^H.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F At<F, U>(in LatticeTile tile, F z, F y, F x, int more, F rise)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F sum = tile.At<F, U>(z, y, x);
        F strength = rise;
        for (int octave = 0; octave < more; octave++)
        {
            z = F.Fma(z, F.Of(0.5f), F.Of(Shift));
            y = F.Fma(y, F.Of(0.5f), F.Of(Shift));
            x = F.Fma(x, F.Of(0.5f), F.Of(Shift));
            sum = F.Fma(strength, tile.At<F, U>(z, y, x), sum);
            strength *= rise;
        }

        return sum;
    }
}
