using GpuSynth.Kernels;
using GpuSynth.Tests.Components;

namespace GpuSynth.Tests.Kernels;

/// <summary>Runs the mathematics of one pointwise component through a lane.</summary>
internal static unsafe class Pointwise
{
    /// <summary>The host's form, in place.</summary>
    /// <param name="component">The component.</param>
    /// <param name="words">What was drawn, its struct first.</param>
    /// <param name="values">Intensities, written.</param>
    /// <param name="labels">Labels, or null.</param>
    /// <param name="range">What was measured.</param>
    /// <param name="step">Voxels at a time; a cut changes no bit.</param>
    /// <param name="first">The word where the struct begins.</param>
    public static void Host(
        IVoxelComponent component,
        ReadOnlySpan<uint> words,
        float[] values,
        byte[]? labels = null,
        (float Minimum, float Maximum) range = default,
        int step = HostStep.BlockLength,
        int first = 0)
    {
        uint* row = stackalloc uint[words.Length + 32];
        new Span<uint>(row, words.Length + 32).Clear();
        words.CopyTo(new Span<uint>(row, words.Length));
        float* measured = stackalloc float[] { range.Minimum, range.Maximum };
        var place = new Row(row, measured);
        var entry = new RowEntry((Component)component, 0, first, 0);
        HostStep host = component.CreateStep(new StepPlace(entry, 0, ComponentRow.Facts));
        fixed (float* valuesAt = values)
        fixed (byte* labelsAt = labels)
        {
            for (int at = 0; at < values.Length; at += step)
            {
                int count = Math.Min(step, values.Length - at);
                host.Run(in place, valuesAt + at, labels is null ? null : labelsAt + at, count);
            }
        }
    }

    /// <summary>One lane, voxel by voxel: <see cref="RealExact"/> for the reference; <see cref="Real1"/> for plain float.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="values">Intensities.</param>
    public static double[] Exact<TDrawn>(TDrawn drawn, float[] values)
        where TDrawn : unmanaged, IVoxelMath<TDrawn> =>
        [.. values.Select(value => TDrawn.At(new RealExact(value), default(Voxel<RealExact, WordExact>), in drawn).V)];

    /// <summary>Plain float, as a device's thread has it.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="values">Intensities.</param>
    public static float[] Plain<TDrawn>(TDrawn drawn, float[] values)
        where TDrawn : unmanaged, IVoxelMath<TDrawn> =>
        [.. values.Select(value => TDrawn.At(new Real1(value), default(Voxel<Real1, Word1>), in drawn).V)];

    /// <summary>A drawn struct as words.</summary>
    public static uint[] Words<TDrawn>(TDrawn drawn)
        where TDrawn : unmanaged => new Span<uint>(&drawn, sizeof(TDrawn) / sizeof(uint)).ToArray();
}
