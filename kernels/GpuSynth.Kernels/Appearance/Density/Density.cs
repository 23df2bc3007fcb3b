using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// Density: I += sum_k A_k max(e^(g_k) - e^-20, 0),  g_k = -|L_k^-1 (x - c_k)|^2 / 2: Gaussian blobs that end, without a jump, 6.3 standard
// deviations from their middle. 8 B/voxel; per blob ten words of the row. Values: the same run to run on one device.

/// <summary>
/// Gaussian blobs that no label knows of: brighter and darker places, with soft ends, across whatever labels there are. The density of the blobs of
/// <see cref="Gaussians"/>, drawn for themselves. Source: RaSD (arXiv 2602.12317), whose abstract speaks of "randomized Gaussian distributions";
/// the laws are ours.
/// </summary>
/// <param name="Count">Blobs, drawn once, 1 to 32; the nearest whole number counts.</param>
/// <param name="Amplitude">A, drawn for each blob, in the unit of the intensities; below 0 it is dark.</param>
/// <param name="SizeOfSide">Geometric mean of a blob's standard deviations as a fraction of the side, drawn for each, 0.005 to 1.</param>
/// <param name="Elongation">The longest standard deviation over the shortest, drawn for each, 1 to 8.</param>
[Component(
    "density",
    66,
    Source = "RaSD, its abstract taken at its word",
    Says = "Bright and dark Gaussian blobs that no label knows of.",
    Example = "density: { count: 8, amplitude: { uniform: [-0.4, 0.4] }, sizeOfSide: { uniform: [0.04, 0.12] }, elongation: { uniform: [1, 3] } }")]
public sealed record Density(
    [property: Allowed(1, Density.Most, Says = "Blobs, drawn once and rounded.")] Law Count,
    [property: Allowed(-1e6, 1e6, Says = "How much brighter the middle of a blob is, drawn for each; below 0 it is darker.")] Law Amplitude,
    [property: Allowed(0.005, 1, "of the side", Says = "Standard deviation of a blob, the geometric mean of its axes, drawn for each.")] Law SizeOfSide,
    [property: Allowed(1, 8, Says = "Longest axis of a blob over its shortest, drawn for each.")]
    [property: Absent(1)]
    Law Elongation)
    : PlacedComponent<Density.Drawn>
{
    /// <summary>The most blobs.</summary>
    public const int Most = 32;

    /// <summary>What is taken from e^g, so that a blob has an end.</summary>
    internal const float End = 2.0611537e-9f;

    /// <summary>g there, and a little less for rounding.</summary>
    internal const float EndScore = -20.1f;

    // Words of a blob: its middle, its square form as GaussianWords has it, its amplitude.
    private const int ShapeWord = 3;
    private const int AmplitudeWord = 9;
    private const int BlobWords = 10;

    // Elements of the stream: append only.
    private const uint CountElement = 0;
    private const uint AmplitudeElement = 1 << 8;
    private const uint SizeElement = 2 << 8;
    private const uint ElongationElement = 3 << 8;
    private const uint MiddleElement = 4 << 8;
    private const uint TurnElement = 5 << 8;
    private const uint CentreElement = 6 << 8;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (10 + BlobWords) * Most;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Count = drawing.Number(Count, CountElement),
        Amplitudes = drawing.Each(Amplitude, AmplitudeElement, Most),
        SizesVoxels = drawing.Each(SizeOfSide, SizeElement, Most, drawing.Facts.Shape.Side),
        Elongations = drawing.Each(Elongation, ElongationElement, Most),
        Middles = drawing.Each(Unit, MiddleElement, Most),
        Turns = drawing.Each(Unit, TurnElement, 3 * Most),
        CentresOfExtent = drawing.Each(Unit, CentreElement, 3 * Most),
        Blobs = drawing.List(BlobWords * Most),
    };

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        VolumeShape shape = facts.Shape;
        bool isFlat = shape.Dimensions == 2;
        drawn.Place = new VoxelPlace(shape);
        drawn.Used = Math.Clamp((int)(drawn.Count + 0.5f), 0, Most);
        Span<double> lengths = stackalloc double[3];
        Span<double> turn = stackalloc double[9];
        Span<float> axes = stackalloc float[9];
        for (int blob = 0; blob < drawn.Used; blob++)
        {
            ReadOnlySpan<float> turns = row.Slice(drawn.Turns.First + (3 * blob), 3);
            ReadOnlySpan<float> centre = row.Slice(drawn.CentresOfExtent.First + (3 * blob), 3);
            double elongation = Math.Log(row[drawn.Elongations.First + blob]);
            GaussianAxes.Lengths(row[drawn.SizesVoxels.First + blob], elongation, row[drawn.Middles.First + blob], isFlat, lengths);
            GaussianAxes.Turn(turns[0], turns[1], turns[2], isFlat, turn);
            for (int entry = 0; entry < 9; entry++)
            {
                axes[entry] = (float)(lengths[entry / 3] * turn[entry]);
            }

            Span<float> words = row.Slice(drawn.Blobs.First + (BlobWords * blob), BlobWords);
            words[0] = isFlat ? 0 : (centre[0] * shape.Depth) - 0.5f;
            words[1] = (centre[1] * shape.Height) - 0.5f;
            words[2] = (centre[2] * shape.Width) - 0.5f;
            GaussianWords.WriteShape(axes, words[ShapeWord..], blob);
            words[AmplitudeWord] = row[drawn.Amplitudes.First + blob];
        }
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new DensityStep(in place);

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>Blobs; the nearest whole number counts.</summary>
        [Recorded("densityCount")]
        public float Count;

        /// <summary>How much brighter the middle of each blob is; of as many as count, as of what follows.</summary>
        [Recorded("densityAmplitudes")]
        public WordList Amplitudes;

        /// <summary>Geometric mean of each blob's standard deviations, in voxels.</summary>
        [Recorded("densitySizesVoxels")]
        public WordList SizesVoxels;

        /// <summary>Longest standard deviation of each over its shortest.</summary>
        [Recorded("densityElongations")]
        public WordList Elongations;

        /// <summary>Where the middle one lies between them: 0 at the longest, 1 at the shortest; nothing to an image.</summary>
        [Recorded("densityMiddles")]
        public WordList Middles;

        /// <summary>Three numbers of the turn of each, 0 to 1; of an image the first counts.</summary>
        [Recorded("densityTurns")]
        public WordList Turns;

        /// <summary>Middle of each over the extent along z, y, x; z is nothing to an image.</summary>
        [Recorded("densityCentresOfExtentZyx")]
        public WordList CentresOfExtent;

        /// <summary>Worked out: ten words of each blob.</summary>
        public WordList Blobs;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: blobs that count.</summary>
        public int Used;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Of(voxel, out F z, out F y, out F x);
            int blob = 0;

            // Once at least: nobody asks samples without blobs.
            do
            {
                U first = U.Of((uint)(blob * BlobWords));
                F dz = z - F.Look(in row, drawn.Blobs, first);
                F dy = y - F.Look(in row, drawn.Blobs, first + U.Of(1));
                F zz = F.Look(in row, drawn.Blobs, first + U.Of(ShapeWord));
                F yy = F.Look(in row, drawn.Blobs, first + U.Of(ShapeWord + 1));
                F xx = F.Look(in row, drawn.Blobs, first + U.Of(ShapeWord + 2));
                F zy = F.Look(in row, drawn.Blobs, first + U.Of(ShapeWord + 3));
                F zx = F.Look(in row, drawn.Blobs, first + U.Of(ShapeWord + 4));
                F yx = F.Look(in row, drawn.Blobs, first + U.Of(ShapeWord + 5));
                F constant = F.Fma(dz, F.Fma(zz, dz, zy * dy), yy * dy * dy);
                F slope = F.Fma(zx, dz, yx * dy);
                F amplitude = F.Look(in row, drawn.Blobs, first + U.Of(AmplitudeWord));
                value = With<F, U>(value, x - F.Look(in row, drawn.Blobs, first + U.Of(2)), constant, slope, xx, amplitude);
                blob++;
            }
            while (blob < drawn.Used);

            return value;
        }

        /// <summary>A value with a blob, the way dx from its middle along x, in a row where its score is constant + dx (slope + dx square).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static F With<F, U>(F value, F dx, F constant, F slope, F square, F amplitude)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F score = F.Fma(dx, F.Fma(square, dx, slope), constant);
            return F.Fma(amplitude, F.Max(F.Exp(score) - F.Of(End), F.Of(0f)), value);
        }

        /// <summary>A blob in a row of voxels.</summary>
        internal static unsafe DensityRow InRow(float* words, int z, int y)
        {
            float dz = z - words[0];
            float dy = y - words[1];
            float* shape = words + ShapeWord;
            float constant = MathF.FusedMultiplyAdd(dz, MathF.FusedMultiplyAdd(shape[0], dz, shape[3] * dy), shape[1] * dy * dy);
            return new(words[2], constant, MathF.FusedMultiplyAdd(shape[4], dz, shape[5] * dy), shape[2], words[AmplitudeWord]);
        }

        /// <summary>Where the words of a blob begin in the row.</summary>
        internal readonly int WordsOf(int blob) => Blobs.First + (BlobWords * blob);
    }
}

/// <summary>A blob in a row of voxels: its middle along x, its score constant + dx (slope + dx square), its amplitude.</summary>
internal readonly record struct DensityRow(float Middle, float Constant, float Slope, float Square, float Amplitude);
