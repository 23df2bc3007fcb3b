using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <content>What anatomies need to know of the maps.</content>
public sealed partial class LabelMapSet : ILabelMaps
{
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

    byte[] ILabelMaps.Exchange(LateralPairs pairs) => LateralExchange.Table(pairs, SourceValues);
}
