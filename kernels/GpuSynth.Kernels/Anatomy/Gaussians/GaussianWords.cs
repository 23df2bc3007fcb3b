namespace GpuSynth.Kernels;

/// <summary>
/// A blob in a sample's row, as the kernels read it. Its score but for the noise is, d the way from its centre, ln a + zz dz^2 + yy dy^2 + xx dx^2 +
/// zy dz dy + zx dz dx + yx dy dx.
/// </summary>
internal static class GaussianWords
{
    /// <summary>Words of a blob.</summary>
    public const int Count = 16;

    /// <summary>Its centre: z, y, x.</summary>
    public const int Centre = 0;

    /// <summary>-1/2 of the inverse covariance: zz, yy, xx, and -1 of it: zy, zx, yx.</summary>
    public const int Shape = 3;

    /// <summary>ln a.</summary>
    public const int LogWeight = 9;

    /// <summary>Where its noise begins in the tile: z, y, x in lattice steps.</summary>
    public const int Offset = 10;

    /// <summary>Its label.</summary>
    public const int Label = 13;

    /// <summary>The first of its parts; they stand together.</summary>
    public const int FirstPart = 14;

    /// <summary>The blob behind the last of them.</summary>
    public const int EndPart = 15;

    /// <summary>
    /// What the noise of a volume never exceeds: normal numbers are at most 5.77 in magnitude, and weights of length 1 of eight of them make at most
    /// the root of 8 times that.
    /// </summary>
    public const float MostNoise = 16.4f;

    /// <summary>The same of an image: the root of 4.</summary>
    public const float MostNoiseOfImage = 11.6f;

    /// <summary>Writes the words of a sample's blobs.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="labels">Labels of the component.</param>
    /// <exception cref="ArgumentException">The numbers do not fit each other, or a blob has no volume.</exception>
    public static void Write(in Gaussians.Drawn drawn, Span<float> row, int labels)
    {
        Check(in drawn, row, labels);
        ReadOnlySpan<float> parents = row.Slice(drawn.Parents.First, drawn.Parents.Count);
        int part = drawn.Organs;
        for (int blob = 0; blob < drawn.Labels.Count; blob++)
        {
            Span<float> words = row.Slice(drawn.Blobs.First + (blob * Count), Count);
            row.Slice(drawn.Centres.First + (3 * blob), 3).CopyTo(words[Centre..]);
            WriteShape(row.Slice(drawn.Axes.First + (9 * blob), 9), words[Shape..], blob);
            words[LogWeight] = row[drawn.LogWeights.First + blob];
            row.Slice(drawn.Offsets.First + (3 * blob), 3).CopyTo(words[Offset..]);
            words[Label] = row[drawn.Labels.First + blob];
            words[FirstPart] = part;
            while (part < parents.Length && parents[part] == blob)
            {
                part++;
            }

            words[EndPart] = part;
        }
    }

    /// <summary>
    /// Writes <see cref="Shape"/>: of the inverse of sum a a^T over the three axes a, which is W^T W with W the inverse of the matrix of axes.
    /// </summary>
    /// <param name="axes">Three half axes of one standard deviation: z, y, x of each.</param>
    /// <param name="words">Written, six.</param>
    /// <param name="blob">Which blob it is.</param>
    /// <exception cref="ArgumentException">The axes span no volume.</exception>
    public static void WriteShape(ReadOnlySpan<float> axes, Span<float> words, int blob)
    {
        Span<double> inverse = stackalloc double[9];
        double volume = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            ReadOnlySpan<float> b = axes.Slice((axis + 1) % 3 * 3, 3);
            ReadOnlySpan<float> c = axes.Slice((axis + 2) % 3 * 3, 3);
            inverse[3 * axis] = ((double)b[1] * c[2]) - ((double)b[2] * c[1]);
            inverse[(3 * axis) + 1] = ((double)b[2] * c[0]) - ((double)b[0] * c[2]);
            inverse[(3 * axis) + 2] = ((double)b[0] * c[1]) - ((double)b[1] * c[0]);
            volume = (axes[3 * axis] * inverse[3 * axis]) + (axes[(3 * axis) + 1] * inverse[(3 * axis) + 1])
                + (axes[(3 * axis) + 2] * inverse[(3 * axis) + 2]);
        }

        // Whatever their lengths: axes of a blob in a blob in a blob are never that near to one plane.
        double box = Length(axes[..3]) * Length(axes[3..6]) * Length(axes[6..]);
        if (!(Math.Abs(volume) > 1e-6 * box) || !double.IsFinite(box))
        {
            throw new ArgumentException(
                $"gaussianAxesVoxelsZyx of blob {NumberText.Of(blob)} span no volume; give back what was drawn, or three axes that do not lie in one plane.");
        }

        for (int word = 0; word < 6; word++)
        {
            (int first, int second) = word switch { 0 => (0, 0), 1 => (1, 1), 2 => (2, 2), 3 => (0, 1), 4 => (0, 2), _ => (1, 2) };
            double sum = 0;
            for (int axis = 0; axis < 3; axis++)
            {
                sum += inverse[(3 * axis) + first] * inverse[(3 * axis) + second];
            }

            words[word] = (float)((word < 3 ? -0.5 : -1) * sum / (volume * volume));
        }
    }

    private static void Check(in Gaussians.Drawn drawn, ReadOnlySpan<float> row, int labelCount)
    {
        ReadOnlySpan<float> parents = row.Slice(drawn.Parents.First, drawn.Parents.Count);
        ReadOnlySpan<float> labels = row.Slice(drawn.Labels.First, drawn.Labels.Count);
        bool areRight = drawn.Organs >= 1 && drawn.Organs <= parents.Length && parents.Length == labels.Length;
        for (int blob = 0; areRight && blob < parents.Length; blob++)
        {
            // Parts behind all organs, those of one blob together, in the order of what they are in.
            float before = blob == 0 ? -1 : parents[blob - 1];
            areRight = blob < drawn.Organs
                ? parents[blob] == -1
                : parents[blob] >= MathF.Max(0, before) && parents[blob] < blob && parents[blob] == MathF.Floor(parents[blob]);
            areRight &= labels[blob] >= 0 && labels[blob] < labelCount;
        }

        if (!areRight)
        {
            throw new ArgumentException(
                "gaussianOrgans, gaussianParents and gaussianLabels do not fit each other; organs come first, with parent -1, then parts in the order of "
                + $"what they are parts of, with labels of 0 to {NumberText.Of(labelCount - 1)}.");
        }

        if (!(drawn.Reach > 0) || !(drawn.Roughness >= 0) || !(drawn.SpacingVoxels >= 0)
            || !float.IsFinite(drawn.Reach + drawn.Roughness + drawn.SpacingVoxels)
            || !AreFinite(row, drawn.Centres) || !AreFinite(row, drawn.LogWeights) || !AreFinite(row, drawn.Offsets) || !IsPhase(drawn.Phase))
        {
            throw new ArgumentException(
                "A number of gaussians is no number, or negative where none can be; give back what was drawn, or other numbers of its kind.");
        }

        static bool IsPhase(AxisNumbers at) => at is { Z: >= 0 and <= 1, Y: >= 0 and <= 1, X: >= 0 and <= 1 };
    }

    private static double Length(ReadOnlySpan<float> axis) =>
        Math.Sqrt(((double)axis[0] * axis[0]) + ((double)axis[1] * axis[1]) + ((double)axis[2] * axis[2]));

    private static bool AreFinite(ReadOnlySpan<float> row, WordList list)
    {
        foreach (float number in row.Slice(list.First, list.Count))
        {
            if (!(MathF.Abs(number) < 1e6f))
            {
                return false;
            }
        }

        return true;
    }
}
