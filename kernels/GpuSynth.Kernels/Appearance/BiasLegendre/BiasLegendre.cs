using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// BiasLegendre: I *= exp(sum c_ijk P_i(x) P_j(y) P_k(z)),  i + j + k <= 3,  x, y, z from -1 at the first voxel to 1 at the last.
//   As a polynomial in x, y and z, whose coefficients are worked out in double: it is exact, and costs less than a look into a coarse table.
// 8 B/voxel. Values: the same run to run on one device.

/// <summary>
/// I *= exp(b) with b a polynomial of degree 3 in the place: the sum of products of Legendre polynomials of total degree 3 at most, with a drawn
/// coefficient each, 20 in a volume and 10 in an image. The middle of an axis of one voxel counts. A NaN stays one. Source: MONAI RandBiasField
/// (K. Van Leemput et al., IEEE TMI 18 (1999) 885); laws: anatomix, AnyStar, vesselFM.
/// </summary>
/// <param name="Coefficient">c_ijk, drawn for each, -0.5 to 0.5; anatomix: uniform 0 to 0.075.</param>
[Component(
    "biasLegendre",
    74,
    Degrades = true,
    Source = "MONAI",
    Says = "Smooth multiplicative field, the exponential of a random polynomial of degree 3.",
    Example = "biasLegendre: { coefficient: { uniform: [-0.3, 0.3] } }")]
public sealed record BiasLegendre(
    [property: Allowed(-0.5, 0.5, Says = "Coefficient of a product of Legendre polynomials, drawn for each. anatomix: uniform 0 to 0.075; AnyStar: 0 to 0.1; vesselFM: -0.2 to 0.2.")]
    Law Coefficient)
    : PlacedComponent<BiasLegendre.Drawn>
{
    /// <summary>Degree of the polynomial.</summary>
    public const int Degree = 3;

    // Numbers of a polynomial in x, and of such in the field: the powers of y and z whose sum is at most the degree.
    private const int Powers = Degree + 1;
    private const int Lines = Powers * (Powers + 1) / 2;

    // P_n(x) = sum_m [n][m] x^m.
    private static readonly double[][] Legendre = [[1, 0, 0, 0], [0, 1, 0, 0], [-0.5, 0, 1.5, 0], [0, -1.5, 0, 2.5]];

    /// <summary>Products of three polynomials, or of two: as many coefficients are drawn.</summary>
    /// <param name="dimensions">2 or 3.</param>
    public static int Count(int dimensions) => dimensions == 3 ? 20 : 10;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => Count(facts.Shape.Dimensions) + (Lines * Powers);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Coefficients = drawing.Each(Coefficient, 0, Count(drawing.Facts.Shape.Dimensions)),
        Monomials = drawing.List(Lines * Powers),
    };

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        drawn.Place = new VoxelPlace(facts.Shape);
        drawn.Depth = new Unit(facts.Shape.Depth);
        drawn.Height = new Unit(facts.Shape.Height);
        drawn.Width = new Unit(facts.Shape.Width);
        drawn.DegreeZ = facts.Shape.Dimensions == 3 ? Degree : 0;
        Span<double> sums = stackalloc double[Lines * Powers];
        sums.Clear();
        int next = drawn.Coefficients.First;
        for (int k = 0; k <= drawn.DegreeZ; k++)
        {
            for (int j = 0; j + k <= Degree; j++)
            {
                for (int i = 0; i + j + k <= Degree; i++)
                {
                    Add(sums, k, j, i, row[next]);
                    next++;
                }
            }
        }

        for (int monomial = 0; monomial < sums.Length; monomial++)
        {
            row[drawn.Monomials.First + monomial] = (float)sums[monomial];
        }
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new BiasLegendreStep(in place);

    // c P_i(x) P_j(y) P_k(z) as powers.
    private static void Add(Span<double> sums, int k, int j, int i, double coefficient)
    {
        for (int z = 0; z <= k; z++)
        {
            for (int y = 0; y <= j; y++)
            {
                for (int x = 0; x <= i; x++)
                {
                    sums[(Line(z, y) * Powers) + x] += coefficient * Legendre[k][z] * Legendre[j][y] * Legendre[i][x];
                }
            }
        }
    }

    // Where the polynomial in x of a power of z and one of y stands: those of z's power 0 first.
    private static int Line(int z, int y) => (z * (Powers + 1)) - (z * (z + 1) / 2) + y;

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>Coefficients of P_i(x) P_j(y) P_k(z): k from 0, in it j from 0, in it i from 0, while i + j + k is at most 3.</summary>
        [Recorded("biasLegendreCoefficients")]
        public WordList Coefficients;

        /// <summary>Worked out: the same as powers, [power of z][power of y][power of x, 4].</summary>
        public WordList Monomials;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: places along z.</summary>
        public Unit Depth;

        /// <summary>Worked out: places along y.</summary>
        public Unit Height;

        /// <summary>Worked out: places along x.</summary>
        public Unit Width;

        /// <summary>Worked out: the highest power of z, 0 of images.</summary>
        public int DegreeZ;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Of(voxel, out F z, out F y, out F x);
            z = drawn.Depth.At<F, U>(z);
            y = drawn.Height.At<F, U>(y);
            x = drawn.Width.At<F, U>(x);
            F field = F.Of(0f);
            for (int powerZ = drawn.DegreeZ; powerZ >= 0; powerZ--)
            {
                F plane = F.Of(0f);
                for (int powerY = Degree - powerZ; powerY >= 0; powerY--)
                {
                    int word = drawn.Monomials.First + (Line(powerZ, powerY) * Powers);
                    F line = F.Fma(F.Of(F.Drawn<float>(in row, word + 3)), x, F.Of(F.Drawn<float>(in row, word + 2)));
                    line = F.Fma(F.Fma(line, x, F.Of(F.Drawn<float>(in row, word + 1))), x, F.Of(F.Drawn<float>(in row, word)));
                    plane = F.Fma(plane, y, line);
                }

                field = F.Fma(field, z, plane);
            }

            return value * F.Exp(field);
        }

        /// <summary>The polynomial in x along a row.</summary>
        /// <param name="row">The sample's row of words.</param>
        /// <param name="z">Plane of the row.</param>
        /// <param name="y">Row in the plane.</param>
        /// <param name="line">Written: its numbers, that of x^0 first.</param>
        internal readonly void Along(ReadOnlySpan<float> row, int z, int y, Span<float> line)
        {
            double atZ = Depth.At<RealExact, WordExact>(new RealExact(z)).V;
            double atY = Height.At<RealExact, WordExact>(new RealExact(y)).V;
            for (int power = 0; power < Powers; power++)
            {
                double field = 0;
                for (int powerZ = DegreeZ; powerZ >= 0; powerZ--)
                {
                    double plane = 0;
                    for (int powerY = Degree - powerZ; powerY >= 0; powerY--)
                    {
                        plane = (plane * atY) + row[Monomials.First + (Line(powerZ, powerY) * Powers) + power];
                    }

                    field = (field * atZ) + plane;
                }

                line[power] = (float)field;
            }
        }
    }

    /// <summary>Places along an axis as numbers from -1 at the first voxel to 1 at the last.</summary>
    /// <param name="voxels">Voxels of the axis; of one the middle counts.</param>
    public readonly struct Unit(int voxels)
    {
        private readonly float perVoxel = voxels == 1 ? 0 : 2f / (voxels - 1);
        private readonly float first = voxels == 1 ? 0 : -1;

        /// <summary>The number of a voxel.</summary>
        /// <param name="voxel">Its place along the axis, from 0.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F At<F, U>(F voxel)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> => F.Fma(voxel, F.Of(perVoxel), F.Of(first));
    }
}
