using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// SliceNoise, of an intensity I, n Gaussian components z_j and a standard deviation s:
//   n = 1: I + s z_1.   n > 1: sqrt((I + s z_1)^2 + s^2 (z_2^2 + ... + z_n^2)).
//   In quadrature: sqrt(I^2 + c^2), c = s / sqrt(Var) |z|, Var = n - 2 (G((n + 1)/2) / G(n/2))^2 that of the chi law of n degrees: c has the standard
//   deviation s.
// The sum of all squares but the first's is that of one more normal number where n is even, and of a pair, -2 ln u, for every two that are left.

/// <summary>
/// Noise of a slice's numbers: Gaussian, non-central chi, or a chi law's added as a square. A NaN stays one; without noise every bit stays.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct SliceNoise
{
    /// <summary>The most Gaussian components.</summary>
    public const int MostDegrees = 16;

    private const int Added = 0;
    private const int Magnitude = 1;
    private const int Quadrature = 2;

    /// <summary>Standard deviation of each Gaussian component; 0: no noise.</summary>
    public float Std;

    /// <summary>Uniform numbers: pairs of squares.</summary>
    public int Pairs;

    /// <summary>1 where a square of a normal number is added to them.</summary>
    public int HasSquare;

    private int form;

    /// <summary>The noise of a sample.</summary>
    /// <param name="std">s, 0 or more.</param>
    /// <param name="degrees">n, at least 1; the nearest whole number, at most <see cref="MostDegrees"/>, counts.</param>
    /// <param name="inQuadrature">Whether squares are added.</param>
    /// <exception cref="ArgumentException">A number is not finite, or s below 0.</exception>
    public static SliceNoise Of(float std, float degrees, bool inQuadrature)
    {
        LaunchCheck.Finite(std, nameof(std));
        LaunchCheck.Finite(degrees, nameof(degrees));
        ArgumentOutOfRangeException.ThrowIfNegative(std);
        int count = Math.Clamp((int)(degrees + 0.5f), 1, MostDegrees);
        bool isAdded = count == 1 || std == 0;
        return new SliceNoise
        {
            Std = inQuadrature && !isAdded ? (float)(std / Math.Sqrt(ChiVariance(count))) : std,
            Pairs = isAdded ? 0 : (count - 1) / 2,
            HasSquare = !isAdded && count % 2 == 0 ? 1 : 0,
            form = isAdded ? Added : inQuadrature ? Quadrature : Magnitude,
        };
    }

    /// <summary>The variance of the size of n independent standard normal numbers.</summary>
    /// <param name="degrees">n, at least 1.</param>
    public static double ChiVariance(int degrees)
    {
        // The ratio G((n + 1)/2) / G(n/2) of n + 1 is n / 2 over that of n.
        double ratio = 1 / Math.Sqrt(Math.PI);
        for (int n = 1; n < degrees; n++)
        {
            ratio = n / (2 * ratio);
        }

        return degrees - (2 * ratio * ratio);
    }

    /// <summary>What a number of a slice costs. Two normal numbers are a logarithm, a root, a sine with its cosine and two products.</summary>
    /// <param name="degrees">n, in the mean.</param>
    internal static LaneCost CostOf(double degrees)
    {
        const int BitsOfFour = 140; // Ten rounds of two products, their halves and keys.
        double normal = degrees == 1 ? 1 : 1.5;
        double pairs = (degrees - 1) / 2;
        LaneCost two = LaneCost.Log + LaneCost.SinCosTurns + new LaneCost(4, 4 + (BitsOfFour / 2));
        return new LaneCost(
            (normal * two.Flops / 2) + (pairs * (LaneCost.Log.Flops + 2)) + 6,
            (normal * two.Instructions / 2) + (pairs * (LaneCost.Log.Instructions + 1 + (BitsOfFour / 4))) + 4);
    }

    /// <summary>What an intensity becomes.</summary>
    /// <param name="value">The intensity.</param>
    /// <param name="first">z_1.</param>
    /// <param name="squares">The sum of the squares of the others.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F At<F, U>(F value, F first, F squares)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F std = F.Of(Std);
        F along = form == Quadrature ? value : F.Fma(std, first, value);
        F across = form == Quadrature ? F.Fma(first, first, squares) : squares;
        return form == Added ? along : F.Sqrt(F.Fma(along, along, std * std * across));
    }

    /// <summary>What a number of a slice becomes, on a device.</summary>
    /// <param name="value">The number.</param>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="element">Its place.</param>
    internal readonly float At(float value, in RandomPlace place, int element)
    {
        if (Std <= 0f)
        {
            return value;
        }

        float squares = 0f;
        if (HasSquare != 0)
        {
            float other = Normal.At(place.Part(1), element);
            squares = other * other;
        }

        for (int pair = 0; pair < Pairs; pair++)
        {
            squares += -2f * Real1.Log(new Real1(Uniform.At(place.Part((uint)pair + 2), element))).V;
        }

        return At<Real1, Word1>(new Real1(value), new Real1(Normal.At(in place, element)), new Real1(squares)).V;
    }

    /// <summary>Changes consecutive numbers, on the host.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="count">How many.</param>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="element">The place of the first.</param>
    /// <param name="scratch">Four times as many floats, each row of them up to a multiple of 16.</param>
    internal readonly unsafe void Change(float* values, int count, in RandomPlace place, long element, float* scratch)
    {
        if (HostStep.Lanes == 16)
        {
            Change<Real16, Word16>(values, count, in place, element, scratch);
        }
        else
        {
            Change<Real8, Word8>(values, count, in place, element, scratch);
        }
    }

    /// <summary>What consecutive numbers become, in double.</summary>
    /// <param name="values">Changed.</param>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="element">The place of the first.</param>
    internal readonly void Exact(Span<double> values, RandomPlace place, long element)
    {
        double[] first = Normal.ReferenceValues(place, element, values.Length);
        double[] other = Normal.ReferenceValues(place.Part(1), element, values.Length);
        int hasSquare = HasSquare;
        double[] squares = [.. other.Select(z => hasSquare * z * z)];
        for (int pair = 0; pair < Pairs; pair++)
        {
            double[] uniform = Uniform.ReferenceValues(place.Part((uint)pair + 2), element, values.Length);
            squares = [.. squares.Zip(uniform, static (sum, u) => sum - (2 * Math.Log(u)))];
        }

        for (int at = 0; at < values.Length; at++)
        {
            (double std, double value) = (Std, values[at]);
            values[at] = form switch
            {
                Added => value + (std * first[at]),
                Magnitude => Math.Sqrt(Math.Pow(value + (std * first[at]), 2) + (std * std * squares[at])),
                _ => Math.Sqrt((value * value) + (std * std * ((first[at] * first[at]) + squares[at]))),
            };
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly unsafe void Change<F, U>(float* values, int count, in RandomPlace place, long element, float* scratch)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        int width = HostMath.RoundUp(count, 16);
        float* first = scratch;
        float* squares = first + width;
        float* uniform = squares + width;
        float* after = uniform + width;
        new ReadOnlySpan<float>(values, count).CopyTo(new Span<float>(after, count));
        Normal.HostFill(first, count, in place, element);
        new Span<float>(squares, width).Clear();
        if (HasSquare != 0)
        {
            Normal.HostFill(squares, count, place.Part(1), element);
            for (int at = 0; at < count; at += F.Count)
            {
                F other = F.Load(squares + at);
                F.Store(other * other, squares + at);
            }
        }

        for (int pair = 0; pair < Pairs; pair++)
        {
            Uniform.HostFill(uniform, count, place.Part((uint)pair + 2), element);
            for (int at = 0; at < count; at += F.Count)
            {
                F.Store(F.Fma(F.Of(-2f), F.Log(F.Load(uniform + at)), F.Load(squares + at)), squares + at);
            }
        }

        for (int at = 0; at < count; at += F.Count)
        {
            F.Store(At<F, U>(F.Load(after + at), F.Load(first + at), F.Load(squares + at)), after + at);
        }

        new ReadOnlySpan<float>(after, count).CopyTo(new Span<float>(values, count));
    }
}
