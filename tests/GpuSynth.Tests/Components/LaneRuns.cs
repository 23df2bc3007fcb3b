using System.Reflection;
using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using ILGPU;

namespace GpuSynth.Tests.Components;

/// <summary>A chain through each of the lanes.</summary>
internal static unsafe class LaneRuns
{
    /// <summary>In double: <see cref="RealExact"/>.</summary>
    public static double[] Exact(ComponentRow row, IReadOnlyList<double> values, byte[] labels) => Exact(row, .., values, labels);

    /// <summary>Some of the row's components, at least one.</summary>
    public static double[] Exact(ComponentRow row, Range places, IReadOnlyList<double> values, byte[] labels) =>
        Exact(row.ChainOf(places), row.Row, values, labels);

    /// <summary>The same of a chain, whose row lies on the host.</summary>
    public static double[] Exact(ValueType chain, Row row, IReadOnlyList<double> values, byte[] labels)
    {
        double[] result = [.. values];
        Call(nameof(Walk), chain, [typeof(RealExact), typeof(WordExact)], [
            row,
            result.Length,
            (Func<int, RealExact>)(voxel => new RealExact(result[voxel])),
            (Func<int, WordExact>)(voxel => new WordExact(labels[voxel])),
            (Action<int, RealExact>)((voxel, value) => result[voxel] = value.V),
        ]);
        return result;
    }

    /// <summary>In plain float, as a device's thread has it: <see cref="Real1"/>. The fixture has opened a device.</summary>
    public static float[] Plain(ComponentRow row, Range places, float[] values, byte[] labels)
    {
        using var tables = new DeviceTables([row]);
        return Plain(row.ChainWith(tables.Of, places), row.Words.ToArray(), row.Measured, values, labels);
    }

    /// <summary>The same of a chain, with the words of its row and what was measured.</summary>
    public static float[] Plain(ValueType chain, uint[] row, uint[] measuredWords, float[] values, byte[] labels)
    {
        float[] result = [.. values];
        using var words = BatchDevice.Upload(row);
        using var measured = BatchDevice.Upload(measuredWords);
        Call(nameof(Walk), chain, [typeof(Real1), typeof(Word1)], [
            new Row(words.View, measured.View, 0),
            result.Length,
            (Func<int, Real1>)(voxel => new Real1(result[voxel])),
            (Func<int, Word1>)(voxel => new Word1(labels[voxel])),
            (Action<int, Real1>)((voxel, value) => result[voxel] = value.V),
        ]);
        return result;
    }

    /// <summary>As the host does it: component after component.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="values">Intensities.</param>
    /// <param name="labels">Labels.</param>
    /// <param name="lanes">Voxels side by side, 16 or 8.</param>
    public static float[] Host(ComponentRow row, float[] values, byte[] labels, int lanes)
    {
        float[] result = [.. values];
        HostInPlace(row, result, labels, lanes);
        return result;
    }

    /// <summary>The same in place, the first of the values being a voxel within the sample.</summary>
    public static void HostInPlace(ComponentRow row, Span<float> values, ReadOnlySpan<byte> labels, int lanes, int first = 0)
    {
        Row place = row.Row;
        fixed (float* at = values)
        fixed (byte* labelsAt = labels)
        {
            for (int component = 0; component < row.Steps.Count; component++)
            {
                RowEntry entry = row.Layout.Entries[component];
                HostStep step = row.Steps[component];
                if (!entry.IsIn(in place))
                {
                    continue;
                }

                float[] scratch = [.. Enumerable.Repeat(float.NaN, (int)Math.Max(1, step.ScratchLength))];
                fixed (float* scratchAt = scratch)
                {
                    bool readsLabels = ((IVoxelComponent)entry.Component).ReadsLabels;
                    var block = new HostBlock
                    {
                        Words = (uint*)place.WordsAddress,
                        Memory = row.Memory(component),
                        Scratch = scratchAt,
                        Measured = (float*)place.MeasuredAddress,
                        Values = at,
                        Labels = readsLabels ? labelsAt : null,
                        First = first,
                        Count = values.Length,
                    };
                    step.Run(lanes, in block);
                }
            }
        }
    }

    /// <summary>The bits of floats: a NaN equals itself, and -0 is not 0.</summary>
    public static ReadOnlySpan<int> Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, int>(values);

    // The voxels in fours, 16 apart, as a device's threads take them.
    private static void Walk<TChain, F, U>(
        TChain chain, Row row, int count, Func<int, F> read, Func<int, U> label, Action<int, F> write)
        where TChain : struct, IChain<TChain>
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        TChain loaded = TChain.Load<F, U>(chain, in row);
        for (int block = 0; block < Uniform.BlocksOf(count); block++)
        {
            int voxel = Uniform.FirstElementOf(block);
            var voxels = new Voxels<F, U>(U.Of((uint)block), new Four<U>(LabelAt(voxel), LabelAt(voxel + 16), LabelAt(voxel + 32), LabelAt(voxel + 48)), in row);
            var values = new Four<F>(ReadAt(voxel), ReadAt(voxel + 16), ReadAt(voxel + 32), ReadAt(voxel + 48));
            Four<F> result = TChain.At(values, in voxels, in loaded);
            WriteAt(voxel, result.A);
            WriteAt(voxel + 16, result.B);
            WriteAt(voxel + 32, result.C);
            WriteAt(voxel + 48, result.D);
        }

        U LabelAt(int voxel) => voxel < count ? label(voxel) : default;

        F ReadAt(int voxel) => voxel < count ? read(voxel) : default;

        void WriteAt(int voxel, F value)
        {
            if (voxel < count)
            {
                write(voxel, value);
            }
        }
    }

    private static void Call(string method, ValueType chain, Type[] lanes, object[] arguments) =>
        typeof(LaneRuns).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod([chain.GetType(), .. lanes])
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [chain, .. arguments], null);
}
