using System.Collections.Concurrent;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <content>What anatomies need to know of the maps.</content>
public sealed partial class LabelMapSet : ILabelMaps
{
    private readonly ConcurrentDictionary<(int Map, int Axis), int[]> slices = [];

    // Whose labels say which slices there are; null: its own.
    private LabelMapSet? slicesOf;

    int ILabelMaps.Count => Maps.Count;

    string ILabelMaps.Name(int map) => Maps[map].FileName;

    VolumeShape ILabelMaps.Shape(int map) => Maps[map].Shape;

    (double Z, double Y, double X) ILabelMaps.Spacing(int map)
    {
        (double x, double y, double z) = Maps[map].Geometry.Spacing;
        return (z, y, x);
    }

    bool ILabelMaps.HasLateralAxis(int map) => Maps[map].HasLateralAxis;

    long ILabelMaps.Offset(int map)
    {
        long offset = 0;
        for (int before = 0; before < map; before++)
        {
            offset += Maps[before].Labels.LongLength;
        }

        return offset;
    }

    byte[] ILabelMaps.Labels(int map) => Maps[map].Labels;

    int[] ILabelMaps.Slices(int map, int axis) => slices.TryGetValue((map, axis), out int[]? known)
        ? known
        : slices.GetOrAdd((map, axis), place => WithLabels((slicesOf ?? this).Maps[place.Map], place.Axis));

    byte[] ILabelMaps.Exchange(LateralPairs pairs) => LateralExchange.Table(pairs, SourceValues);

    private static int[] WithLabels(LabelMap map, int axis)
    {
        VolumeShape shape = map.Shape;
        var has = new bool[new MapSlice(axis, 0).Count(shape)];
        for (int row = 0; row < shape.Depth * shape.Height; row++)
        {
            ReadOnlySpan<byte> labels = map.Labels.AsSpan(row * shape.Width, shape.Width);
            if (axis < 2)
            {
                has[axis == 0 ? row / shape.Height : row % shape.Height] |= labels.ContainsAnyExcept((byte)0);
                continue;
            }

            for (int x = 0; x < labels.Length; x++)
            {
                has[x] |= labels[x] != 0;
            }
        }

        int[] found = [.. Enumerable.Range(0, has.Length).Where(slice => has[slice])];
        return found.Length > 0 ? found : [.. Enumerable.Range(0, has.Length)];
    }
}
