using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>The two operators of the resolution on lines side by side, on the host: their slices, and the voxels between these.</summary>
/// <param name="weightWords">Words of the weights of an axis.</param>
internal sealed unsafe class ResolutionLines(int weightWords)
{
    // Of each slice: its first voxel and how many count, as whole numbers; then their weights.
    private const int Header = 2;

    /// <summary>Floats that say how the slices of an axis are made.</summary>
    /// <param name="length">Voxels of a line.</param>
    public long OwnLength(int length) => (long)length * (Header + weightWords);

    /// <summary>Works out how the slices of an axis are made.</summary>
    /// <param name="slices">The slices.</param>
    /// <param name="weights">The weights of the profile, a 0 before and behind them.</param>
    /// <param name="length">Voxels of a line.</param>
    /// <param name="own">Written.</param>
    public void Begin(in ResampledAxis slices, float* weights, int length, float* own)
    {
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

    /// <summary>The voxels that a slice is made of.</summary>
    /// <param name="own">What <see cref="Begin"/> worked out.</param>
    /// <param name="slice">Which.</param>
    public (int First, int Count) VoxelsOf(float* own, int slice)
    {
        float* at = own + ((long)slice * (Header + weightWords));
        return (((int*)at)[0], ((int*)at)[1]);
    }

    /// <summary>One slice.</summary>
    /// <param name="own">What <see cref="Begin"/> worked out.</param>
    /// <param name="slice">Which.</param>
    /// <param name="lines">The voxels that it is made of, places <see cref="HostLines.Width"/> floats apart.</param>
    /// <param name="width">Lines, a multiple of 16.</param>
    /// <param name="to">Written.</param>
    public void Take(float* own, int slice, float* lines, int width, float* to)
    {
        float** rows = stackalloc float*[weightWords];
        int count = VoxelsOf(own, slice).Count;
        for (int i = 0; i < count; i++)
        {
            rows[i] = lines + ((long)i * HostLines.Width);
        }

        Blur.HostSum(rows, own + ((long)slice * (Header + weightWords)) + Header, count, to, width);
    }

    /// <summary>All slices of lines.</summary>
    /// <param name="slices">The slices.</param>
    /// <param name="own">What <see cref="Begin"/> worked out.</param>
    /// <param name="lines">The lines.</param>
    /// <param name="width">Lines, a multiple of 16.</param>
    /// <param name="taken">Written, a place per slice.</param>
    public void Take(in ResampledAxis slices, float* own, float* lines, int width, float* taken)
    {
        for (int slice = 0; slice < slices.Slices; slice++)
        {
            int first = VoxelsOf(own, slice).First;
            Take(own, slice, lines + ((long)first * HostLines.Width), width, taken + ((long)slice * HostLines.Width));
        }
    }

    /// <summary>The voxels between slices.</summary>
    /// <param name="slices">The slices.</param>
    /// <param name="length">Voxels of a line.</param>
    /// <param name="width">Lines, a multiple of 16.</param>
    /// <param name="taken">A place per slice.</param>
    /// <param name="lines">Written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Between(in ResampledAxis slices, int length, int width, float* taken, float* lines)
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

    /// <summary>The slices of a line in double, as the formula says it.</summary>
    /// <param name="slices">The slices.</param>
    /// <param name="weights">The weights of the profile, the 0 before them left out.</param>
    /// <param name="line">The line.</param>
    public static double[] ExactSlices(ResampledAxis slices, float* weights, double[] line)
    {
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
        return [.. Enumerable.Range(0, slices.Slices).Select(slice =>
        {
            int voxel = slices.Before(slice, line.Length, out float along);
            return smooth[voxel] + (along == 0 ? 0 : along * (smooth[voxel + 1] - smooth[voxel]));
        })];
    }

    /// <summary>The voxels between slices in double.</summary>
    /// <param name="slices">The slices.</param>
    /// <param name="length">Voxels of a line.</param>
    /// <param name="taken">The slices' numbers.</param>
    public static double[] ExactBetween(ResampledAxis slices, int length, double[] taken) => [.. Enumerable.Range(0, length).Select(voxel =>
    {
        int slice = slices.SliceBefore(voxel, out float along);
        return taken[slice] + (along == 0 ? 0 : along * (taken[slice + 1] - taken[slice]));
    })];

    private static float Sum(float* weights, int count)
    {
        float sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += weights[i];
        }

        return sum;
    }
}
