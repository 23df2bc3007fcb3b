using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// The scores of blobs along a row of voxels on the host: of each a square in x, and the noise at the lattice points along the row, between which it
/// is linear but for a factor that all blobs share. Eight voxels at a time.
/// </summary>
internal readonly unsafe ref struct GaussianRow
{
    /// <summary>Floats of a blob before its lattice points: the square's three factors, its centre, its label with its number above it.</summary>
    public const int Words = 8;

    private const int Edge = HostGaussians.Edge;
    private const int LabelBits = 8;

    private readonly ReadOnlySpan<float> blobs;
    private readonly ReadOnlySpan<ulong> parts;
    private readonly Gaussians.Drawn drawn;
    private readonly GaussianTile tile;
    private readonly float* numbers;
    private readonly float* along;
    private readonly float* own;
    private readonly int width;
    private readonly int stride;
    private readonly int points;
    private readonly ulong organs;
    private readonly ulong wholes;

    /// <summary>Rows of a sample.</summary>
    /// <param name="blobs"><see cref="GaussianWords"/>.</param>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="tile">The noise's tile.</param>
    /// <param name="numbers">Its numbers; null without noise.</param>
    /// <param name="along">What <see cref="Along"/> wrote; not read without noise.</param>
    /// <param name="width">Voxels of a row, rounded up to vectors.</param>
    /// <param name="points">Room for lattice points of a blob.</param>
    /// <param name="parts">The parts of each blob, a bit each.</param>
    /// <param name="own">Room for <see cref="Words"/> and the points of each blob.</param>
    public GaussianRow(
        ReadOnlySpan<float> blobs, in Gaussians.Drawn drawn, GaussianTile tile, float* numbers, float* along, int width, int points, ReadOnlySpan<ulong> parts, float* own)
    {
        this.blobs = blobs;
        this.parts = parts;
        this.drawn = drawn;
        this.tile = tile;
        this.numbers = numbers;
        this.along = along;
        this.own = own;
        this.width = width;
        stride = Words + points;
        this.points = numbers is null ? 0 : HostMath.RoundUp((int)along[width - 1] + 2, Edge);
        organs = ulong.MaxValue >> (64 - drawn.Organs);
        for (int blob = 0; blob < parts.Length; blob++)
        {
            wholes |= parts[blob] != 0 ? 1UL << blob : 0;
            int code = ((blob + 1) << LabelBits) | (int)blobs[(blob * GaussianWords.Count) + GaussianWords.Label];
            ((int*)own)[(blob * stride) + 4] = code;
        }
    }

    /// <summary>Writes for each voxel of a row the lattice point before it, and what that and the next one count.</summary>
    /// <param name="to">Three times the width.</param>
    /// <param name="width">Voxels of a row, rounded up to vectors.</param>
    /// <param name="stepsPerVoxel">Lattice steps per voxel, at most 1.</param>
    /// <param name="phase">The first voxel's place in lattice steps, 0 to 1.</param>
    public static void Along(float* to, int width, float stepsPerVoxel, float phase)
    {
        for (int x = 0; x < width; x++)
        {
            Locate(x, stepsPerVoxel, phase, out int point, out float t);
            float scale = 1 / MathF.Sqrt(Squares(t));
            to[x] = point;
            to[width + x] = (1 - t) * scale;
            to[(2 * width) + x] = t * scale;
        }
    }

    /// <summary>Lattice points of a blob that a row may have, and a vector more.</summary>
    /// <param name="width">Voxels of a row, rounded up to vectors.</param>
    /// <param name="leastSpacing">Voxels between lattice points, at least.</param>
    public static int PointsOf(int width, double leastSpacing) => HostMath.RoundUp((int)Math.Ceiling(width / leastSpacing) + 3, Edge) + Edge;

    /// <summary>Begins a row.</summary>
    /// <param name="any">The blobs that are looked at in it, a bit each.</param>
    /// <param name="z">Its plane.</param>
    /// <param name="y">Its place in the plane.</param>
    public void Start(ulong any, int z, int y)
    {
        Locate(z, drawn.StepsPerVoxel, drawn.Phase.Z, out int pointZ, out float tZ);
        Locate(y, drawn.StepsPerVoxel, drawn.Phase.Y, out int pointY, out float tY);
        bool isFlat = numbers is not null && tile.IsFlat;
        (pointZ, tZ) = isFlat ? (0, 0) : (pointZ, tZ);
        float scale = drawn.Roughness / MathF.Sqrt(Squares(tY) * (isFlat ? 1 : Squares(tZ)));
        Vector256<float> nearNear = Vector256.Create((1 - tZ) * (1 - tY) * scale);
        Vector256<float> nearFar = Vector256.Create((1 - tZ) * tY * scale);
        Vector256<float> farNear = Vector256.Create(tZ * (1 - tY) * scale);
        Vector256<float> farFar = Vector256.Create(tZ * tY * scale);
        for (ulong rest = any; rest != 0; rest &= rest - 1)
        {
            int blob = BitOperations.TrailingZeroCount(rest);
            ReadOnlySpan<float> words = blobs.Slice(blob * GaussianWords.Count, GaussianWords.Count);
            ReadOnlySpan<float> square = words.Slice(GaussianWords.Shape, 6);
            float* to = own + (blob * stride);
            float dz = z - words[0];
            float dy = y - words[1];
            to[0] = words[GaussianWords.LogWeight] + (dz * ((square[0] * dz) + (square[3] * dy))) + (square[1] * dy * dy);
            to[1] = (square[4] * dz) + (square[5] * dy);
            to[2] = square[2];
            to[3] = words[2];
            if (numbers is null)
            {
                continue;
            }

            int atZ = pointZ + (int)words[GaussianWords.Offset];
            int atY = pointY + (int)words[GaussianWords.Offset + 1];
            int atX = (int)words[GaussianWords.Offset + 2];
            float* first = tile.Row(numbers, atZ, atY);
            float* second = tile.Row(numbers, atZ, atY + 1);
            float* third = tile.Row(numbers, atZ + 1, atY);
            float* fourth = tile.Row(numbers, atZ + 1, atY + 1);
            for (int point = 0; point < points; point += Edge)
            {
                int x = tile.Along(atX + point);
                Vector256<float> sum = nearNear * Vector256.Load(first + x);
                sum = Vector256.FusedMultiplyAdd(nearFar, Vector256.Load(second + x), sum);
                sum = Vector256.FusedMultiplyAdd(farNear, Vector256.Load(third + x), sum);
                Vector256.FusedMultiplyAdd(farFar, Vector256.Load(fourth + x), sum).Store(to + Words + point);
            }
        }
    }

    /// <summary>Writes the scores of all organs at eight voxels, those that <see cref="Write"/> compares.</summary>
    /// <param name="x">The first of the voxels.</param>
    /// <param name="to">Where those of the first organ go.</param>
    /// <param name="organStride">Floats from an organ's scores to the next one's.</param>
    public void Scores(int x, float* to, int organStride)
    {
        Vector256<float> at = Vector256<float>.Indices + Vector256.Create((float)x);
        var noise = numbers is null ? default : new Noise(along + x, width);
        for (int organ = 0; organ < drawn.Organs; organ++)
        {
            Score(organ, at, in noise).Store(to + (organ * organStride));
        }
    }

    /// <summary>Writes the labels of a row where they are not certain.</summary>
    /// <param name="masks">The blobs that may win in each brick, a bit each; bricks without any are passed over.</param>
    /// <param name="labels">The row.</param>
    /// <param name="count">Its voxels.</param>
    public void Write(ulong* masks, byte* labels, int count)
    {
        for (int x = 0; x < count; x += Edge)
        {
            ulong may = masks[x / Edge];
            if (may == 0)
            {
                continue;
            }

            ulong eight = Labels(Winners(may, x));
            if (x + Edge <= count)
            {
                Unsafe.WriteUnaligned(labels + x, eight);
                continue;
            }

            for (int left = x; left < count; left++, eight >>= 8)
            {
                labels[left] = (byte)eight;
            }
        }
    }

    private Vector256<int> Winners(ulong may, int x)
    {
        Vector256<float> at = Vector256<float>.Indices + Vector256.Create((float)x);
        Vector256<float> stay = Vector256.Create(drawn.StayScore);
        Vector256<int> winner = Vector256<int>.Zero;
        Vector256<float> best = stay;
        var noise = numbers is null ? default : new Noise(along + x, width);
        for (ulong rest = may & organs; rest != 0; rest &= rest - 1)
        {
            Compete(BitOperations.TrailingZeroCount(rest), at, in noise, ref best, ref winner);
        }

        for (ulong rest = may & wholes; rest != 0; rest &= rest - 1)
        {
            int whole = BitOperations.TrailingZeroCount(rest);
            ulong inside = may & parts[whole];
            Vector256<int> held = Vector256.Equals(winner, Vector256.Create(CodeOf(whole)));
            if (inside == 0 || held == Vector256<int>.Zero)
            {
                continue;
            }

            best = stay;
            Vector256<int> next = winner;
            for (; inside != 0; inside &= inside - 1)
            {
                Compete(BitOperations.TrailingZeroCount(inside), at, in noise, ref best, ref next);
            }

            winner = Vector256.ConditionalSelect(held, next, winner);
        }

        return winner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Score(int blob, Vector256<float> at, in Noise noise)
    {
        float* from = own + (blob * stride);
        Vector256<float> off = at - Vector256.Create(from[3]);
        Vector256<float> score = Vector256.FusedMultiplyAdd(
            off, Vector256.FusedMultiplyAdd(off, Vector256.Create(from[2]), Vector256.Create(from[1])), Vector256.Create(from[0]));
        return numbers is null ? score : noise.AddTo(score, from + Words);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Compete(int blob, Vector256<float> at, in Noise noise, ref Vector256<float> best, ref Vector256<int> winner)
    {
        Vector256<float> score = Score(blob, at, in noise);
        Vector256<float> isMore = Vector256.GreaterThan(score, best);
        best = Vector256.ConditionalSelect(isMore, score, best);
        winner = Vector256.ConditionalSelect(isMore.AsInt32(), Vector256.Create(CodeOf(blob)), winner);
    }

    private int CodeOf(int blob) => ((int*)own)[(blob * stride) + 4];

    // The lowest byte of each.
    private static ulong Labels(Vector256<int> winners)
    {
        Vector128<ushort> words = Vector128.Narrow(winners.GetLower().AsUInt32(), winners.GetUpper().AsUInt32());
        return Vector128.Narrow(words, words).AsUInt64().ToScalar();
    }

    private static void Locate(int voxel, float stepsPerVoxel, float phase, out int point, out float t)
    {
        float at = MathF.FusedMultiplyAdd(voxel, stepsPerVoxel, phase);
        float whole = MathF.Floor(at);
        point = (int)whole;
        t = at - whole;
    }

    private static float Squares(float t) => MathF.FusedMultiplyAdd(t + t, t - 1, 1);

    // Where eight voxels lie between lattice points. A step is a voxel at least: eight points from the first one's on are enough.
    private readonly struct Noise
    {
        private readonly int first;
        private readonly Vector256<int> point;
        private readonly Vector256<float> near;
        private readonly Vector256<float> far;

        public Noise(float* along, int width)
        {
            Vector256<int> points = Vector256.ConvertToInt32(Vector256.Load(along));
            first = points.ToScalar();
            point = points - Vector256.Create(first);
            near = Vector256.Load(along + width);
            far = Vector256.Load(along + (2 * width));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> AddTo(Vector256<float> score, float* points)
        {
            Vector256<float> sum = Vector256.FusedMultiplyAdd(near, Pick(Vector256.Load(points + first)), score);
            return Vector256.FusedMultiplyAdd(far, Pick(Vector256.Load(points + first + 1)), sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector256<float> Pick(Vector256<float> eight) =>
            Avx2.IsSupported ? Avx2.PermuteVar8x32(eight, point) : Vector256.Shuffle(eight, point);
    }
}
