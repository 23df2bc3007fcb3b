using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

// NoisyResolution: the slices along z, planes of sums over planes before it; of each the slices along y and x, their noise, and the voxels between
// them; then the planes between two slices along z, which stay in cache for those that follow. A run of planes makes the slices that it needs, so that
// its border makes two of them twice. 8 B/voxel, and what is read again of planes that several slices are made of. A sample without noise is made as
// if there were none in the recipe, with the same bits.

/// <summary>The resolution with noise of its slices, on the host.</summary>
/// <param name="place">Where the component stands.</param>
/// <param name="weightWords">Words of the weights of an axis.</param>
/// <param name="stream">The stream of the noise.</param>
/// <param name="cost">What it costs per voxel.</param>
internal sealed unsafe class NoisyResolutionHostStage(StepPlace place, int weightWords, uint stream, LaneCost cost) : HostStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly ResolutionLines operators = new(weightWords);
    private readonly ResolutionHostStage plain = new(place, weightWords, cost);

    /// <inheritdoc/>
    public override LaneCost Cost => cost;

    /// <inheritdoc/>
    public override long ScratchLength => (2L * HostLines.Width * LineAxis.Longest(shape)) + (4L * HostMath.RoundUp(shape.Width, 16))
        + (2 * PaddedPlane) + Enumerable.Range(0, 3).Sum(axis => operators.OwnLength(LineAxis.LengthOf(shape, axis)));

    private uint Stream => stream;

    private long Plane => (long)shape.Height * shape.Width;

    private long PaddedPlane => (Plane + 15) / 16 * 16;

    /// <inheritdoc/>
    public override bool GoesOn(in Row row) => DrawnIn(in row).Noise.Std == 0 && plain.GoesOn(in row);

    /// <inheritdoc/>
    public override ReductionPartial RunAlongZ(in Row row, int first, int end, float* before, float* image, float* scratch) =>
        plain.RunAlongZ(in row, first, end, before, image, scratch);

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image)
    {
        Resolution.Drawn drawn = DrawnIn(in row);
        if (drawn.Noise.Std == 0)
        {
            return plain.Exact(in row, image);
        }

        (double[] after, int[] size) = (image, [shape.Depth, shape.Height, shape.Width]);
        for (int axis = 0; axis < 3; axis++)
        {
            ResampledAxis slices = drawn.Along(axis);
            float* weights = Weights(in row, axis) + 1;
            after = slices.Slices == 0 ? after : EachLine(after, size, axis, line => ResolutionLines.ExactSlices(slices, weights, line));
        }

        RandomPlace numbers = row.Place<Real16, Word16>(Stream);
        for (int line = 0; line < size[0] * size[1]; line++)
        {
            long element = (((long)(line / size[1]) * shape.Height) + (line % size[1])) * shape.Width;
            drawn.Noise.Exact(after.AsSpan(line * size[2], size[2]), numbers, element);
        }

        for (int axis = 0; axis < 3; axis++)
        {
            ResampledAxis slices = drawn.Along(axis);
            int length = LineAxis.LengthOf(shape, axis);
            after = slices.Slices == 0 ? after : EachLine(after, size, axis, line => ResolutionLines.ExactBetween(slices, length, line));
        }

        return [.. after];
    }

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        Resolution.Drawn drawn = DrawnIn(in row);
        if (drawn.Noise.Std == 0)
        {
            return plain.Run(in row, source, first, end, image, scratch);
        }

        var work = new Work(this, in row, in drawn, scratch);
        ReductionPartial range = Reduction.Empty();
        int* held = stackalloc int[2] { -1, -1 };
        for (int z = first; z < end; z++)
        {
            float* plane = image + (z * Plane);
            if (drawn.Z.Slices == 0)
            {
                source.Plane(z, plane, shape.Width);
                InPlane(in work, z, plane);
            }
            else
            {
                int slice = drawn.Z.SliceBefore(z, out float along);
                float* before = Slice(in work, slice, source.Image, held);
                Between(before, along == 0 ? before : Slice(in work, slice + 1, source.Image, held), along, plane);
            }

            range = Reduction.Merge(range, RangeOf(plane, Plane));
        }

        return range;
    }

    // One slice along z; the two last ones are held.
    private float* Slice(in Work work, int slice, float* before, int* held)
    {
        float* plane = work.Planes + ((slice & 1) * PaddedPlane);
        if (held[slice & 1] == slice)
        {
            return plane;
        }

        held[slice & 1] = slice;
        (int first, int count) = operators.VoxelsOf(work.OwnZ, slice);
        for (long at = 0; at < Plane; at += HostLines.Width)
        {
            int width = (int)Math.Min(HostLines.Width, Plane - at);
            HostLines.Take(before + (first * Plane) + at, Plane, count, width, work.Lines);
            operators.Take(work.OwnZ, slice, work.Lines, HostMath.RoundUp(width, 16), work.After);
            HostLines.Put(plane + at, Plane, 1, width, work.After);
        }

        InPlane(in work, slice, plane);
        return plane;
    }

    // A plane of slices along z becomes that of all slices, in its first places; then its voxels come back.
    private void InPlane(in Work work, int slice, float* plane)
    {
        (ResampledAxis alongY, ResampledAxis alongX) = (work.Drawn.Y, work.Drawn.X);
        int rows = alongY.Slices == 0 ? shape.Height : alongY.Slices;
        int columns = alongX.Slices == 0 ? shape.Width : alongX.Slices;
        for (int x = 0; x < shape.Width && alongY.Slices > 0; x += HostLines.Width)
        {
            int count = Math.Min(HostLines.Width, shape.Width - x);
            HostLines.Take(plane + x, shape.Width, shape.Height, count, work.Lines);
            operators.Take(in alongY, work.OwnY, work.Lines, HostMath.RoundUp(count, 16), work.After);
            HostLines.Put(plane + x, shape.Width, rows, count, work.After);
        }

        for (int y = 0; y < rows && alongX.Slices > 0; y += HostLines.Width)
        {
            int count = Math.Min(HostLines.Width, rows - y);
            float* start = plane + ((long)y * shape.Width);
            HostLines.Transpose(start, shape.Width, count, shape.Width, work.Lines, HostLines.Width);
            operators.Take(in alongX, work.OwnX, work.Lines, HostMath.RoundUp(count, 16), work.After);
            HostLines.Transpose(work.After, HostLines.Width, columns, count, start, shape.Width);
        }

        for (int y = 0; y < rows; y++)
        {
            long element = (((long)slice * shape.Height) + y) * shape.Width;
            work.Drawn.Noise.Change(plane + ((long)y * shape.Width), columns, in work.Numbers, element, work.Noise);
        }

        for (int y = 0; y < rows && alongX.Slices > 0; y += HostLines.Width)
        {
            int count = Math.Min(HostLines.Width, rows - y);
            float* start = plane + ((long)y * shape.Width);
            HostLines.Transpose(start, shape.Width, count, columns, work.After, HostLines.Width);
            ResolutionLines.Between(in alongX, shape.Width, HostMath.RoundUp(count, 16), work.After, work.Lines);
            HostLines.Transpose(work.Lines, HostLines.Width, shape.Width, count, start, shape.Width);
        }

        for (int x = 0; x < shape.Width && alongY.Slices > 0; x += HostLines.Width)
        {
            int count = Math.Min(HostLines.Width, shape.Width - x);
            HostLines.Take(plane + x, shape.Width, rows, count, work.After);
            ResolutionLines.Between(in alongY, shape.Height, HostMath.RoundUp(count, 16), work.After, work.Lines);
            HostLines.Put(plane + x, shape.Width, shape.Height, count, work.Lines);
        }
    }

    // Planes of slices have room for whole vectors, the image has not.
    private void Between(float* before, float* next, float along, float* plane)
    {
        float* last = stackalloc float[16];
        Vector512<float> share = Vector512.Create(along);
        for (long at = 0; at < Plane; at += 16)
        {
            Vector512<float> value = HostMath.Lerp(Vector512.Load(before + at), Vector512.Load(next + at), share);
            if (at + 16 <= Plane)
            {
                value.Store(plane + at);
                continue;
            }

            value.Store(last);
            new ReadOnlySpan<float>(last, (int)(Plane - at)).CopyTo(new Span<float>(plane + at, (int)(Plane - at)));
        }
    }

    private Resolution.Drawn DrawnIn(in Row row) => Real16.Drawn<Resolution.Drawn>(in row, place.Entry.First);

    private float* Weights(in Row row, int axis) => (float*)row.WordsAddress + place.Entry.Lists + (axis * weightWords);

    // Lines of an image of some size along an axis become shorter or longer.
    private static double[] EachLine(double[] image, int[] size, int axis, Func<double[], double[]> change)
    {
        int step = axis == 0 ? size[1] * size[2] : axis == 1 ? size[2] : 1;
        int length = size[axis];
        double[][] lines = [.. Enumerable.Range(0, image.Length / length).Select(line =>
        {
            int start = (line / step * step * length) + (line % step);
            return change([.. Enumerable.Range(0, length).Select(at => image[start + (at * step)])]);
        })];
        size[axis] = lines[0].Length;
        return [.. Enumerable.Range(0, lines.Length * size[axis]).Select(voxel =>
            lines[(voxel / (step * size[axis]) * step) + (voxel % step)][voxel / step % size[axis]])];
    }

    // What a run of planes has in common.
    private readonly struct Work
    {
        public readonly Resolution.Drawn Drawn;
        public readonly RandomPlace Numbers;
        public readonly float* Lines;
        public readonly float* After;
        public readonly float* Noise;
        public readonly float* Planes;
        public readonly float* OwnZ;
        public readonly float* OwnY;
        public readonly float* OwnX;

        public Work(NoisyResolutionHostStage stage, in Row row, in Resolution.Drawn drawn, float* scratch)
        {
            VolumeShape shape = stage.shape;
            Drawn = drawn;
            Numbers = row.Place<Real16, Word16>(stage.Stream);
            Lines = scratch;
            After = Lines + ((long)HostLines.Width * LineAxis.Longest(shape));
            Noise = After + ((long)HostLines.Width * LineAxis.Longest(shape));
            Planes = Noise + (4L * HostMath.RoundUp(shape.Width, 16));
            OwnZ = Planes + (2 * stage.PaddedPlane);
            OwnY = OwnZ + stage.operators.OwnLength(shape.Depth);
            OwnX = OwnY + stage.operators.OwnLength(shape.Height);
            stage.operators.Begin(in drawn.Z, stage.Weights(in row, 0), shape.Depth, OwnZ);
            stage.operators.Begin(in drawn.Y, stage.Weights(in row, 1), shape.Height, OwnY);
            stage.operators.Begin(in drawn.X, stage.Weights(in row, 2), shape.Width, OwnX);
        }
    }
}
