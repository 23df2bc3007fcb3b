using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Spikes on the host: the number of a plane and a row is worked out once per row, so that a wave costs a voxel two multiply-adds.</summary>
internal sealed unsafe class SpikeStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;
    private readonly int slot = Math.Max(0, place.Slot);

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        Spike.Drawn drawn = Real16.Drawn<Spike.Drawn>(block.Row, first);
        drawn = Spike.Drawn.WithRange(in drawn, block.Measured[slot], block.Measured[slot + 1]);
        float* numbers = stackalloc float[2 * Spike.Most];
        float* waves = (float*)block.Words + drawn.Waves.First;
        for (int spike = 0; spike < drawn.Used; spike++)
        {
            float* z = waves + (spike * drawn.Length) + row.Z;
            float* y = waves + (spike * drawn.Length) + drawn.FromRow + row.Y;
            (float cosineZ, float sineZ) = (z[0] * drawn.Scale, z[shape.Depth] * drawn.Scale);
            numbers[2 * spike] = (cosineZ * y[0]) - (sineZ * y[shape.Height]);
            numbers[(2 * spike) + 1] = (cosineZ * y[shape.Height]) + (sineZ * y[0]);
        }

        float* columns = waves + drawn.FromColumn + row.X;
        if (lanes == 16)
        {
            Walk<Real16, Word16>(in drawn, numbers, columns, values, count);
        }
        else
        {
            Walk<Real8, Word8>(in drawn, numbers, columns, values, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Walk<F, U>(in Spike.Drawn drawn, float* numbers, float* columns, float* values, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        int used = drawn.Used;
        int length = drawn.Length;
        int width = shape.Width;
        for (int at = 0; at < count; at += F.Count)
        {
            F real = F.Of(0f);
            F imaginary = F.Of(0f);
            float* wave = columns + at;
            for (int spike = 0; spike < used; spike++)
            {
                F cosine = F.Load(wave);
                F sine = F.Load(wave + width);
                F along = F.Of(numbers[2 * spike]);
                F across = F.Of(numbers[(2 * spike) + 1]);
                real = F.Fma(along, cosine, real);
                real -= across * sine;
                imaginary = F.Fma(along, sine, F.Fma(across, cosine, imaginary));
                wave += length;
            }

            // The spikes add up first: an image of large values takes their sum up with one rounding.
            real += F.Load(values + at);
            F.Store(drawn.IsMagnitude != 0 ? F.Sqrt(F.Fma(real, real, imaginary * imaginary)) : real, values + at);
        }
    }
}
