using GpuSynth.Devices;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Appearance;

/// <summary>A component that reads neighbours, on the host, on images and, of one that changes lines, as the matrix that it multiplies a line with.</summary>
internal static class LineOperator
{
    /// <summary>Lengths of lines that are hard: none beside, two, odd, one more than two vectors, several.</summary>
    public static readonly int[] Lengths = [1, 2, 31, 33, 48, 96];

    /// <summary>A sample of one line along an axis.</summary>
    public static VolumeShape Line(int length, int axis) => axis switch
    {
        0 => VolumeShape.Volume(length, 1, 1),
        1 => VolumeShape.Volume(1, length, 1),
        _ => VolumeShape.Volume(1, 1, length),
    };

    /// <summary>What a component makes of an image.</summary>
    /// <typeparam name="TDrawn">What it draws.</typeparam>
    /// <param name="component">The component.</param>
    /// <param name="shape">Shape of the image.</param>
    /// <param name="image">The image.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="change">Changes what was drawn; null: nothing.</param>
    /// <param name="labels">Labels of the image; null where it has none.</param>
    public static unsafe float[] Apply<TDrawn>(
        Component<TDrawn> component, VolumeShape shape, float[] image, int sample = 0, DrawnChange<TDrawn>? change = null, byte[]? labels = null)
        where TDrawn : unmanaged
    {
        var layout = new RowLayout([component], new SampleFacts(shape, 1));
        uint[] words = new uint[layout.Length + 32];
        layout.Draw(9, SampleKey.Of(sample), words.AsSpan(0, layout.Length));
        change?.Invoke(ref layout.Of<TDrawn>(words.AsSpan(0, layout.Length)));
        layout.Prepare(words.AsSpan(0, layout.Length));
        HostStage stage = ((IStageComponent)component).CreateHostStage(new StepPlace(layout.Entries[0], 0, layout.Facts));
        var scratch = new float[stage.ScratchLength];
        var memory = new float[Math.Max(1, stage.MemoryLength)];
        var after = new float[image.Length];
        float* measured = stackalloc float[2];
        fixed (uint* row = words)
        fixed (float* from = image, to = after, at = scratch, seen = memory)
        fixed (byte* labelsAt = labels)
        {
            var place = new Row(row, measured);
            for (int number = 0; number < stage.SurveyCount; number++)
            {
                stage.Survey(place, number, from, 0, shape.Depth, seen, at);
            }

            stage.Run(place, new ImagePlanes(from, shape, labelsAt, seen), 0, shape.Depth, to, at);
            if (stage.GoesOn(place))
            {
                stage.RunAlongZ(place, 0, shape.Height, from, to, at);
            }
        }

        return after;
    }

    /// <summary>The matrix of a component on lines along an axis, [row, column]: what it makes of a line that is 1 at one place.</summary>
    public static double[,] Matrix<TDrawn>(
        Component<TDrawn> component, int length, int axis, int sample = 0, DrawnChange<TDrawn>? change = null)
        where TDrawn : unmanaged
    {
        var matrix = new double[length, length];
        for (int column = 0; column < length; column++)
        {
            var line = new float[length];
            line[column] = 1;
            float[] after = Apply(component, Line(length, axis), line, sample, change);
            for (int row = 0; row < length; row++)
            {
                matrix[row, column] = after[row];
            }
        }

        return matrix;
    }

    /// <summary>The largest difference of two matrices.</summary>
    public static double Difference(double[,] one, double[,] other) =>
        one.Cast<double>().Zip(other.Cast<double>(), static (a, b) => Math.Abs(a - b)).Max();

    /// <summary>The largest entry that is left of a square matrix when the largest has been eliminated so often: rounding, of a matrix of at most that
    /// rank.</summary>
    public static double LeftOf(double[,] matrix, int rank)
    {
        double[,] left = (double[,])matrix.Clone();
        int length = left.GetLength(0);
        for (int step = 0; step < rank; step++)
        {
            int largest = Enumerable.Range(0, length * length).MaxBy(at => Math.Abs(left[at / length, at % length]));
            (int pivotRow, int pivotColumn) = (largest / length, largest % length);
            double[] pivot = [.. Enumerable.Range(0, length).Select(column => left[pivotRow, column] / left[pivotRow, pivotColumn])];
            for (int row = 0; row < length; row++)
            {
                double factor = left[row, pivotColumn];
                for (int column = 0; column < length; column++)
                {
                    left[row, column] -= factor * pivot[column];
                }
            }
        }

        return left.Cast<double>().Max(Math.Abs);
    }

    /// <summary>A product of matrices.</summary>
    public static double[,] Product(double[,] left, double[,] right)
    {
        var product = new double[left.GetLength(0), right.GetLength(1)];
        for (int row = 0; row < product.GetLength(0); row++)
        {
            for (int column = 0; column < product.GetLength(1); column++)
            {
                for (int k = 0; k < left.GetLength(1); k++)
                {
                    product[row, column] += left[row, k] * right[k, column];
                }
            }
        }

        return product;
    }
}

/// <summary>Changes what was drawn for a sample.</summary>
internal delegate void DrawnChange<TDrawn>(ref TDrawn drawn);
