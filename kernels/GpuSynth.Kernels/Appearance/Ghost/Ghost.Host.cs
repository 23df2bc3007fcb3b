using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// Ghosts on the host: a plane is the weighted sum of itself moved along y or x, or of planes; the real part grows where the result belongs, the imaginary one
/// beside it, where it is asked for.
/// </summary>
internal sealed unsafe class GhostHostStage(in StepPlace place) : HostStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;
    private readonly int copies = ((Ghost)place.Entry.Component).Copies;
    private readonly bool isReal = ((Ghost)place.Entry.Component).IsReal;

    // A plane that is read, and one of imaginary parts.
    /// <inheritdoc/>
    public override long ScratchLength => 2L * shape.Height * shape.Width;

    /// <inheritdoc/>
    public override LaneCost Cost => isReal ? new(2 * copies, copies) : new((4 * copies) + 4, (2 * copies) + 3);

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image)
    {
        Ghost.Drawn drawn = Real16.Drawn<Ghost.Drawn>(in row, first);
        float* weights = (float*)row.WordsAddress + drawn.Weights.First;
        (int length, int step) = (Ghost.LengthOf(shape, drawn.Axis), Ghost.StepOf(shape, drawn.Axis));
        var after = new double[image.Length];
        for (int voxel = 0; voxel < after.Length; voxel++)
        {
            int at = voxel / step % length;
            (double real, double imaginary) = (0, 0);
            for (int copy = 0; copy < drawn.Used; copy++)
            {
                float* own = weights + (Ghost.CopyWords * copy);
                double value = image[voxel + (((at - (int)own[0] + length) % length) - at) * step];
                real += own[1] * value;
                imaginary += own[2] * value;
            }

            after[voxel] = drawn.IsMagnitude != 0 ? Math.Sqrt((real * real) + (imaginary * imaginary)) : real;
        }

        return after;
    }

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        Ghost.Drawn drawn = Real16.Drawn<Ghost.Drawn>(in row, this.first);
        var ghosted = new Ghosted<TSource>(in drawn, (float*)row.WordsAddress + drawn.Weights.First, source, shape, scratch);
        return Write(ghosted, first, end, shape, image);
    }

    // Planes with their ghosts, in rows of the volume's width.
    private readonly struct Ghosted<TSource>(in Ghost.Drawn drawn, float* weights, TSource source, VolumeShape shape, float* scratch) : IPlaneSource
        where TSource : struct, IPlaneSource
    {
        private readonly Ghost.Drawn drawn = drawn;
        private readonly TSource source = source;

        public void Plane(int z, float* plane, int stride)
        {
            int voxels = shape.Height * shape.Width;
            float* other = drawn.IsMagnitude != 0 ? scratch + voxels : null;
            new Span<float>(plane, voxels).Clear();
            if (other != null)
            {
                new Span<float>(other, voxels).Clear();
            }

            TSource planes = source;
            for (int copy = 0; copy < drawn.Used; copy++)
            {
                float* own = weights + (Ghost.CopyWords * copy);
                int distance = (int)own[0];
                if (drawn.Axis < 0.5f)
                {
                    planes.Plane((z - distance + shape.Depth) % shape.Depth, scratch, shape.Width);
                    Add(scratch, own, plane, other, voxels);
                    continue;
                }

                if (copy == 0)
                {
                    planes.Plane(z, scratch, shape.Width);
                }

                // A plane is moved along y as one long row.
                int length = drawn.Axis < 1.5f ? voxels : shape.Width;
                int moved = drawn.Axis < 1.5f ? distance * shape.Width : distance;
                for (int line = 0; line < voxels; line += length)
                {
                    float* otherEnd = other == null ? null : other + line;
                    Add(scratch + line, own, plane + line + moved, other == null ? null : otherEnd + moved, length - moved);
                    Add(scratch + line + length - moved, own, plane + line, otherEnd, moved);
                }
            }

            if (other != null)
            {
                Magnitudes(plane, other, voxels);
            }
        }

        private static void Add(float* from, float* own, float* real, float* imaginary, int count)
        {
            AddTo(from, own[1], real, count);
            if (imaginary != null)
            {
                AddTo(from, own[2], imaginary, count);
            }
        }

        private static void AddTo(float* from, float weight, float* to, int count) => TensorPrimitives.FusedMultiplyAdd(
            new ReadOnlySpan<float>(from, count), weight, new ReadOnlySpan<float>(to, count), new Span<float>(to, count));

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Magnitudes(float* real, float* imaginary, int count)
        {
            int at = 0;
            for (; at + 16 <= count; at += 16)
            {
                Vector512<float> along = Vector512.Load(real + at);
                Vector512<float> across = Vector512.Load(imaginary + at);
                Vector512.Sqrt(HostMath.Fma(along, along, across * across)).Store(real + at);
            }

            for (; at < count; at++)
            {
                real[at] = MathF.Sqrt(MathF.FusedMultiplyAdd(real[at], real[at], imaginary[at] * imaginary[at]));
            }
        }
    }
}
