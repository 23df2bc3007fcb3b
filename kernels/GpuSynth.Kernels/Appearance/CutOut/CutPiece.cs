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
    private readonly ReadOnlySpan<float> sizes = sizes;
    private readonly ReadOnlySpan<float> positions = positions;

    /// <summary>Writes the words of a kind.</summary>
    /// <param name="kind">0 a box, 1 a half-space, 2 all outside a cylinder.</param>
    /// <param name="words">Written, <see cref="CutOut.PieceWords"/>.</param>
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
