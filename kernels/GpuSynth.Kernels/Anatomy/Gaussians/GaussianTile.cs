using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The numbers of a <see cref="LatticeTile"/> on the host, each row followed by its first eight numbers, so that eight from any place on stand side by
/// side.
/// </summary>
/// <param name="shape">Shape of a sample.</param>
internal readonly unsafe struct GaussianTile(VolumeShape shape)
{
    private const int More = 8;

    private readonly int side = LatticeTile.Side(shape);
    private readonly int rows = LatticeTile.Length(shape) / LatticeTile.Side(shape);
    /// <summary>Whether it is that of images.</summary>
    public readonly bool IsFlat = shape.Dimensions == 2;

    /// <summary>Floats of a tile; behind the rows a bound of the noise.</summary>
    public int Length => (rows * (side + More)) + More;

    /// <summary>Draws the numbers and works out the bound.</summary>
    /// <param name="tile">Written, <see cref="Length"/> floats.</param>
    /// <param name="place">Where they are drawn.</param>
    public void Fill(float* tile, RandomPlace place)
    {
        // Drawn at the end, and each row moved forward from there, before anything is written where a later one lies.
        float* drawn = tile + (rows * More);
        Normal.HostFill(drawn, rows * side, in place);
        Arrange(tile, drawn);
    }

    /// <summary>Takes numbers that are drawn and works out the bound.</summary>
    /// <param name="tile">Written, <see cref="Length"/> floats.</param>
    /// <param name="drawn">The numbers, row after row; they may lie at the end of the tile.</param>
    public void Arrange(float* tile, float* drawn)
    {
        for (int row = 0; row < rows; row++)
        {
            float* to = tile + (row * (side + More));
            new ReadOnlySpan<float>(drawn + (row * side), side).CopyTo(new Span<float>(to, side));
            new ReadOnlySpan<float>(to, More).CopyTo(new Span<float>(to + side, More));
        }

        // By Cauchy and Schwarz: weights of length 1 make at most the length of the numbers around a place.
        Vector256<float> largest = Vector256<float>.Zero;
        for (int row = 0; row < rows; row++)
        {
            (int z, int y) = (row / side, row % side);
            for (int x = 0; x < side; x += More)
            {
                Vector256<float> squares = Pairs(Row(tile, z, y) + x) + Pairs(Row(tile, z, y + 1) + x);
                squares += IsFlat ? Vector256<float>.Zero : Pairs(Row(tile, z + 1, y) + x) + Pairs(Row(tile, z + 1, y + 1) + x);
                largest = Vector256.Max(largest, squares);
            }
        }

        float bound = 0;
        for (int lane = 0; lane < Vector256<float>.Count; lane++)
        {
            bound = MathF.Max(bound, largest.GetElement(lane));
        }

        tile[rows * (side + More)] = 1.001f * MathF.Sqrt(bound);
    }

    /// <summary>What the noise never exceeds in magnitude.</summary>
    public float Bound(float* tile) => tile[rows * (side + More)];

    /// <summary>A row of the tile; it begins again behind its end along both axes. Along z nothing but 0 in an image.</summary>
    public float* Row(float* tile, int z, int y) =>
        tile + ((IsFlat ? y & (side - 1) : ((z & (side - 1)) * side) + (y & (side - 1))) * (side + More));

    /// <summary>Where a place along x lies in a row.</summary>
    public int Along(int x) => x & (side - 1);

    // The squares of eight numbers and of those behind them; the last one's lies in the numbers that follow a row.
    private static Vector256<float> Pairs(float* from)
    {
        Vector256<float> near = Vector256.Load(from);
        Vector256<float> far = Vector256.Load(from + 1);
        return (near * near) + (far * far);
    }
}
