using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Motion on the host: of lines side by side the differences between a moved copy and the image, times two circulants; their real and imaginary parts grow
/// where the lines themselves began.
/// </summary>
internal sealed unsafe class MotionHostStage(StepPlace place) : HostStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int copies = ((Motion)place.Entry.Component).Copies;
    private readonly int longest = LineAxis.Longest(place.Facts.Shape);
    private readonly MovedImage moved = new(place.Facts.Shape);

    // Differences, a product, sums of real and of imaginary parts; rows in their own order; of each copy both kernels twice.
    /// <inheritdoc/>
    public override long ScratchLength => (4L * HostLines.Width * longest) + ((long)HostLines.Width * RowStride) + (4L * longest * copies);

    // Of each copy: a place along each axis, its cell, seven interpolations, eight reads; two multiply-adds for each voxel of a line.
    /// <inheritdoc/>
    public override LaneCost Cost
    {
        get
        {
            double voxels = (double)((shape.Dimensions == 3 ? shape.Depth : 0) + shape.Height + shape.Width) / shape.Dimensions;
            return new LaneCost((copies * (62 + (4 * voxels))) + 4, (copies * (70 + (2 * voxels))) + 3);
        }
    }

    private int RowStride => HostMath.RoundUp(shape.Width, 16);

    /// <inheritdoc/>
    public override bool GoesOn(in Row row) => DrawnIn(in row) is { Acts: true, Axis: 0 };

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image)
    {
        Motion.Drawn drawn = DrawnIn(in row);
        var lines = new LineAxis(shape, drawn.Axis);
        double[] real = [.. image];
        var imaginary = new double[image.Length];
        for (int copy = 0; copy < drawn.Moved; copy++)
        {
            LabelMapTransform places = PlacesIn(in row, in drawn, copy);
            double[] differences = [.. image.Select((value, voxel) => moved.Exact(
                image, in places, voxel / (shape.Height * shape.Width), voxel / shape.Width % shape.Height, voxel % shape.Width) - value)];
            float* kernel = Kernel(in row, in drawn, copy);
            for (int voxel = 0; voxel < image.Length; voxel++)
            {
                int at = voxel / lines.Step % lines.Length;
                for (int other = 0; other < lines.Length; other++)
                {
                    double difference = differences[voxel + ((other - at) * lines.Step)];
                    int distance = (at - other + lines.Length) % lines.Length;
                    real[voxel] += kernel[distance] * difference;
                    imaginary[voxel] += kernel[longest + distance] * difference;
                }
            }
        }

        return drawn.IsMagnitude != 0 ? [.. real.Zip(imaginary, static (a, b) => Math.Sqrt((a * a) + (b * b)))] : real;
    }

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        Motion.Drawn drawn = DrawnIn(in row);
        if (!drawn.Acts)
        {
            return Write(source, first, end, shape, image);
        }

        ReductionPartial range = Reduction.Empty();
        if (drawn.Axis == 0)
        {
            return range;
        }

        Hands hands = Begin(in row, in drawn, scratch);
        long voxels = (long)shape.Height * shape.Width;
        int across = drawn.Axis == 1 ? shape.Width : shape.Height;
        for (int z = first; z < end; z++)
        {
            for (int line = 0; line < across; line += HostLines.Width)
            {
                int count = Math.Min(HostLines.Width, across - line);
                var lines = drawn.Axis == 1 ? new Lines(z, 0, line, count) : new Lines(z, line, 0, count);
                Change(in row, in drawn, in lines, source.Image, image, in hands);
            }

            range = Reduction.Merge(range, RangeOf(image + (z * voxels), voxels));
        }

        return range;
    }

    /// <inheritdoc/>
    public override ReductionPartial RunAlongZ(in Row row, int first, int end, float* before, float* image, float* scratch)
    {
        Motion.Drawn drawn = DrawnIn(in row);
        Hands hands = Begin(in row, in drawn, scratch);
        ReductionPartial range = Reduction.Empty();
        for (int y = first; y < end; y++)
        {
            for (int x = 0; x < shape.Width; x += HostLines.Width)
            {
                var lines = new Lines(0, y, x, Math.Min(HostLines.Width, shape.Width - x));
                Change(in row, in drawn, in lines, before, image, in hands);
            }

            for (int z = 0; z < shape.Depth; z++)
            {
                range = Reduction.Merge(range, RangeOf(image + ((((long)z * shape.Height) + y) * shape.Width), shape.Width));
            }
        }

        return range;
    }

    // Of either matrix row i, P(k - i) for k = 0 to N - 1, begins at N - i, as PartialFourier has it.
    private Hands Begin(in Row row, in Motion.Drawn drawn, float* scratch)
    {
        var hands = new Hands(scratch, HostLines.Width * longest, HostLines.Width * RowStride);
        int length = LineAxis.LengthOf(shape, drawn.Axis);
        for (int part = 0; part < 2 * drawn.Moved; part++)
        {
            var kernel = new ReadOnlySpan<float>(Kernel(in row, in drawn, 0) + ((long)part * longest), length);
            kernel.CopyTo(new Span<float>(hands.Kernels + (2L * part * longest), length));
            kernel.CopyTo(new Span<float>(hands.Kernels + (2L * part * longest) + length, length));
        }

        return hands;
    }

    private void Change(in Row row, in Motion.Drawn drawn, in Lines lines, float* before, float* image, in Hands hands)
    {
        var axis = new LineAxis(shape, drawn.Axis);
        bool isMagnitude = drawn.IsMagnitude != 0;
        int width = HostMath.RoundUp(lines.Count, 16);
        int floats = HostLines.Width * axis.Length;
        long start = (((long)lines.Z * shape.Height) + lines.Y) * shape.Width;
        if (drawn.Axis == 2)
        {
            HostLines.Transpose(before + start, shape.Width, lines.Count, shape.Width, hands.Real, HostLines.Width);
        }
        else
        {
            HostLines.Take(before + start + lines.X, axis.Step, axis.Length, lines.Count, hands.Real);
        }

        new Span<float>(hands.Imaginary, isMagnitude ? floats : 0).Clear();
        for (int copy = 0; copy < drawn.Moved; copy++)
        {
            LabelMapTransform places = PlacesIn(in row, in drawn, copy);
            Differences(in places, drawn.Axis, in lines, before, in hands);
            float* kernel = hands.Kernels + (4L * longest * copy) + axis.Length;
            Add(kernel, axis.Length, width, in hands, hands.Real);
            if (isMagnitude)
            {
                Add(kernel + (2L * longest), axis.Length, width, in hands, hands.Imaginary);
            }
        }

        if (isMagnitude)
        {
            HostLines.Magnitudes(hands.Real, hands.Imaginary, axis.Length, width);
        }

        if (drawn.Axis == 2)
        {
            HostLines.Transpose(hands.Real, HostLines.Width, shape.Width, lines.Count, image + start, shape.Width);
        }
        else
        {
            HostLines.Put(image + start + lines.X, axis.Step, axis.Length, lines.Count, hands.Real);
        }
    }

    private static void Add(float* kernel, int length, int width, in Hands hands, float* sums)
    {
        LineProduct.Run(kernel, -1, length, width, hands.Differences, hands.Product);
        for (int place = 0; place < length; place++)
        {
            var sum = new Span<float>(sums + ((long)place * HostLines.Width), width);
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(hands.Product + ((long)place * HostLines.Width), width), sum);
        }
    }

    // What a moved copy of some lines has more than they have.
    private void Differences(in LabelMapTransform places, int axis, in Lines lines, float* before, in Hands hands)
    {
        if (axis == 2)
        {
            for (int line = 0; line < lines.Count; line++)
            {
                Difference(in places, before, lines.Z, lines.Y + line, 0, shape.Width, hands.Rows + ((long)line * RowStride));
            }

            HostLines.Transpose(hands.Rows, RowStride, lines.Count, shape.Width, hands.Differences, HostLines.Width);
            return;
        }

        for (int at = 0; at < LineAxis.LengthOf(shape, axis); at++)
        {
            (int z, int y) = axis == 0 ? (at, lines.Y) : (lines.Z, at);
            Difference(in places, before, z, y, lines.X, lines.Count, hands.Differences + ((long)at * HostLines.Width));
        }
    }

    // Of a part of a row; written up to a multiple of sixteen.
    private void Difference(in LabelMapTransform places, float* before, int z, int y, int x, int count, float* to)
    {
        if (HostStep.Lanes == 16)
        {
            Moved<Real16, Word16>(in moved, in places, before, z, y, x, count, to);
        }
        else
        {
            Moved<Real8, Word8>(in moved, in places, before, z, y, x, count, to);
        }

        var own = new ReadOnlySpan<float>(before + ((((long)z * shape.Height) + y) * shape.Width) + x, count);
        TensorPrimitives.Subtract(new ReadOnlySpan<float>(to, count), own, new Span<float>(to, count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Moved<F, U>(in MovedImage moved, in LabelMapTransform places, float* before, int z, int y, int x, int count, float* to)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        var image = new NumberTable(before);
        (MovedImage own, LabelMapTransform from) = (moved, places);
        for (int at = 0; at < count; at += F.Count)
        {
            F column = U.ToReal(F.CountFrom((uint)(x + at)));
            F.Store(own.At<F, U>(in image, in from, F.Of(z), F.Of(y), column), to + at);
        }
    }

    private Motion.Drawn DrawnIn(in Row row) => Real16.Drawn<Motion.Drawn>(in row, place.Entry.First);

    private static LabelMapTransform PlacesIn(in Row row, in Motion.Drawn drawn, int copy) =>
        Real16.Drawn<LabelMapTransform>(in row, drawn.Places.First + (Motion.PlaceWords * copy));

    private float* Kernel(in Row row, in Motion.Drawn drawn, int copy) =>
        (float*)row.WordsAddress + drawn.Kernels.First + (2L * longest * copy);

    // Lines beside each other: where the first begins. Those along z and y lie along a row, those along x are rows of a plane.
    private readonly record struct Lines(int Z, int Y, int X, int Count);

    // What a thread has in hand.
    private readonly struct Hands(float* scratch, int lines, int rows)
    {
        public readonly float* Differences = scratch;
        public readonly float* Product = scratch + lines;
        public readonly float* Real = scratch + (2L * lines);
        public readonly float* Imaginary = scratch + (3L * lines);
        public readonly float* Rows = scratch + (4L * lines);
        public readonly float* Kernels = scratch + (4L * lines) + rows;
    }
}
