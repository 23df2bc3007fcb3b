using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>The resolution on the host: slices of lines side by side, then the voxels between them.</summary>
internal sealed unsafe class ResolutionHostStage(StepPlace place, int weightWords, LaneCost cost) : HostLineStage(place.Facts.Shape)
{
    // Of each slice: its first voxel and how many count, as whole numbers; then their weights.
    private const int Header = 2;

    /// <inheritdoc/>
    public override LaneCost Cost => cost;

    /// <inheritdoc/>
    protected override long OwnLength(int length) => (long)length * (Header + weightWords);

    /// <inheritdoc/>
    protected override bool Acts(in Row row, int axis) => DrawnIn(in row).Along(axis).Slices > 0;

    /// <inheritdoc/>
    protected override void Begin(in Row row, int axis, int length, float* own)
    {
        ResampledAxis slices = DrawnIn(in row).Along(axis);
        float* weights = Weights(in row, axis);
        for (int slice = 0; slice < slices.Slices; slice++)
        {
            float* at = own + ((long)slice * (Header + weightWords));
            int voxel = slices.Before(slice, length, out float along);
            int first = Math.Max(0, voxel - slices.Radius);
            int count = Math.Min(length - 1, voxel + 1 + slices.Radius) - first + 1;

            // The weights about the voxel, and behind a 0 those about the next one.
            float* here = weights + 1 + first - (voxel - slices.Radius);
            float share = (1 - along) / Sum(here, count);
            float nextShare = along == 0 ? 0 : along / Sum(here - 1, count);
            ((int*)at)[0] = first;
            ((int*)at)[1] = count;
            for (int i = 0; i < count; i++)
            {
                at[Header + i] = (share * here[i]) + (nextShare * here[i - 1]);
            }
        }
    }

    /// <inheritdoc/>
    protected override float* Apply(in Row row, int axis, int length, int width, float* lines, float* after, float* own)
    {
        ResampledAxis slices = DrawnIn(in row).Along(axis);
        float** rows = stackalloc float*[weightWords];
        for (int slice = 0; slice < slices.Slices; slice++)
        {
            float* at = own + ((long)slice * (Header + weightWords));
            (int first, int count) = (((int*)at)[0], ((int*)at)[1]);
            for (int i = 0; i < count; i++)
            {
                rows[i] = lines + ((long)(first + i) * HostLines.Width);
            }

            Blur.HostSum(rows, at + Header, count, after + ((long)slice * HostLines.Width), width);
        }

        Between(in slices, length, width, after, lines);
        return lines;
    }

    /// <inheritdoc/>
    protected override double[] ExactLine(in Row row, int axis, double[] line)
    {
        ResampledAxis slices = DrawnIn(in row).Along(axis);
        float* weights = Weights(in row, axis) + 1;
        double[] smooth = [.. line.Select((_, voxel) =>
        {
            (double sum, double inside) = (0, 0);
            for (int at = Math.Max(0, voxel - slices.Radius); at <= Math.Min(line.Length - 1, voxel + slices.Radius); at++)
            {
                sum += weights[at - voxel + slices.Radius] * line[at];
                inside += weights[at - voxel + slices.Radius];
            }

            return sum / inside;
        })];
        double[] taken = [.. Enumerable.Range(0, slices.Slices).Select(slice =>
        {
            int voxel = slices.Before(slice, line.Length, out float along);
            return smooth[voxel] + (along == 0 ? 0 : along * (smooth[voxel + 1] - smooth[voxel]));
        })];
        return [.. line.Select((_, voxel) =>
        {
            int slice = slices.SliceBefore(voxel, out float along);
            return taken[slice] + (along == 0 ? 0 : along * (taken[slice + 1] - taken[slice]));
        })];
    }

    private Resolution.Drawn DrawnIn(in Row row) => Real16.Drawn<Resolution.Drawn>(in row, place.Entry.First);

    private float* Weights(in Row row, int axis) => (float*)row.WordsAddress + place.Entry.Lists + (axis * weightWords);

    private static float Sum(float* weights, int count)
    {
        float sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += weights[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Between(in ResampledAxis slices, int length, int width, float* taken, float* lines)
    {
        for (int voxel = 0; voxel < length; voxel++)
        {
            int slice = slices.SliceBefore(voxel, out float along);
            float* before = taken + ((long)slice * HostLines.Width);
            float* next = along == 0 ? before : before + HostLines.Width;
            float* to = lines + ((long)voxel * HostLines.Width);
            Vector512<float> share = Vector512.Create(along);
            for (int line = 0; line < width; line += 16)
            {
                HostMath.Lerp(Vector512.Load(before + line), Vector512.Load(next + line), share).Store(to + line);
            }
        }
    }
}
