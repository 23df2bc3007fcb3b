using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// A piece that is cut from a volume, in words: [kind, three along z, y, x, three along z, y, x, one]. A box has its lower faces, then its upper ones; a half-space
/// its normal, the volume's middle and the offset from it; a cylinder 1 across its axis and 0 along it, its centre, and its radius. All in voxels.
/// </summary>
/// <param name="shape">Shape of a sample.</param>
/// <param name="sizes">How much along z, y, x, 0 to 1.</param>
/// <param name="positions">Where along z, y, x, 0 to 1.</param>
/// <param name="tilt">Cosine of the angle between a half-space's normal and z.</param>
/// <param name="turn">Angle of the normal from x to y in turns; which third of it is which axis a cylinder has.</param>
internal readonly ref struct CutPiece(VolumeShape shape, ReadOnlySpan<float> sizes, ReadOnlySpan<float> positions, float tilt, float turn)
{
    /// <summary>Words of a piece.</summary>
    public const int WordCount = 8;

    private readonly ReadOnlySpan<float> sizes = sizes;
    private readonly ReadOnlySpan<float> positions = positions;

    /// <summary>Writes the words of a kind.</summary>
    /// <param name="kind">0 a box, 1 a half-space, 2 all outside a cylinder.</param>
    /// <param name="words">Written, <see cref="WordCount"/>.</param>
    public void Write(int kind, Span<float> words)
    {
        ReadOnlySpan<int> lengths = [shape.Depth, shape.Height, shape.Width];
        words[0] = Math.Clamp(kind, 0, 2);
        switch (words[0])
        {
            case 0:
                Box(lengths, words);
                break;
            case 1:
                HalfSpace(lengths, words);
                break;
            default:
                Cylinder(lengths, words);
                break;
        }
    }

    /// <summary>
    /// How deep a voxel lies in what a piece cuts, in voxels; negative outside. A box: to its nearest face, which lies between voxels; a half-space:
    /// n . p - offset; a cylinder: rho - radius, for what lies outside it is cut.
    /// </summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="word">The piece's first word.</param>
    /// <param name="z">Place of the voxel along z.</param>
    /// <param name="y">Along y.</param>
    /// <param name="x">Along x.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Depth<F, U>(in Row row, int word, F z, F y, F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        float kind = F.Drawn<float>(in row, word);
        AxisNumbers first = F.Drawn<AxisNumbers>(in row, word + 1);
        AxisNumbers second = F.Drawn<AxisNumbers>(in row, word + 4);
        float last = F.Drawn<float>(in row, word + 7);
        if (kind < 0.5f)
        {
            F alongZ = F.Min(z - F.Of(first.Z), F.Of(second.Z) - z);
            F alongY = F.Min(y - F.Of(first.Y), F.Of(second.Y) - y);
            return F.Min(F.Min(alongZ, alongY), F.Min(x - F.Of(first.X), F.Of(second.X) - x));
        }

        z = (z - F.Of(second.Z)) * F.Of(first.Z);
        y = (y - F.Of(second.Y)) * F.Of(first.Y);
        x = (x - F.Of(second.X)) * F.Of(first.X);
        return kind < 1.5f ? z + y + x - F.Of(last) : F.Sqrt(F.Fma(z, z, F.Fma(y, y, x * x))) - F.Of(last);
    }

    private void Box(ReadOnlySpan<int> lengths, Span<float> words)
    {
        for (int axis = 0; axis < 3; axis++)
        {
            bool isWhole = axis < 3 - shape.Dimensions;
            int edge = isWhole ? lengths[axis] : Math.Clamp((int)((sizes[axis] * lengths[axis]) + 0.5f), 0, lengths[axis]);
            int start = Math.Clamp((int)(positions[axis] * (lengths[axis] - edge + 1)), 0, lengths[axis] - edge);
            words[1 + axis] = start - 0.5f;
            words[4 + axis] = start + edge - 0.5f;
        }
    }

    private void HalfSpace(ReadOnlySpan<int> lengths, Span<float> words)
    {
        double across = shape.Dimensions == 3 ? Math.Sqrt(Math.Max(0, 1 - ((double)tilt * tilt))) : 1;
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * turn);
        ReadOnlySpan<double> normal = [shape.Dimensions == 3 ? tilt : 0, across * sine, across * cosine];

        // Half of the volume's extent along the normal, its voxels' outer faces counted.
        double half = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            words[1 + axis] = (float)normal[axis];
            words[4 + axis] = (lengths[axis] - 1) / 2f;
            half += Math.Abs(normal[axis]) * lengths[axis] / 2;
        }

        words[7] = (float)(half * (1 - (2.0 * sizes[2])));
    }

    private void Cylinder(ReadOnlySpan<int> lengths, Span<float> words)
    {
        int along = shape.Dimensions == 3 ? Math.Clamp((int)(3 * turn), 0, 2) : 0;
        double squares = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            words[1 + axis] = axis == along ? 0 : 1;
            words[4 + axis] = ((lengths[axis] - 1) / 2f) + ((positions[axis] - 0.5f) * sizes[2] * lengths[axis]);
            squares += axis == along ? 0 : (double)lengths[axis] * lengths[axis];
        }

        // At size 1 the middle voxel is cut too.
        words[7] = (float)(((1 - sizes[2]) * ((Math.Sqrt(squares) / 2) + 0.5)) - 0.5);
    }
}
