using GpuSynth.Kernels;

namespace GpuSynth.Tests.Kernels;

/// <summary>Rows of samples for tests of single kernels.</summary>
internal static class TestRows
{
    /// <summary>Rows of a recipe with every stage.</summary>
    /// <param name="fieldScales">Scales of the label fields.</param>
    /// <param name="shiftScales">Scales of the displacements.</param>
    /// <param name="taps">Taps of the blur; 1: none.</param>
    /// <param name="labels">Number of labels.</param>
    public static RowLayout Of(int fieldScales, int shiftScales, int taps, int labels) => new(
        [
            new NoiseAnatomy(
                SideMeasure.Of(labels),
                new NoiseGrids(Scales(fieldScales), 1),
                shiftScales == 0 ? null : new ShiftGrids(Scales(shiftScales), 1)),
            .. Appearance(taps),
        ],
        new SampleFacts(VolumeShape.Image(8, 8), labels));

    /// <summary>Rows of a recipe on label maps.</summary>
    /// <param name="scales">Scales of the deformation.</param>
    public static RowLayout OfMaps(int scales) => new(
        [
            new LabelMapAnatomy(0, 1, 0, 0, 0, scales == 0 ? null : new ShiftGrids(Scales(scales), 1), null, null),
            .. Appearance(1),
        ],
        new SampleFacts(VolumeShape.Image(8, 8), 2));

    private static IEnumerable<Component> Appearance(int taps) =>
    [
        new Contrast(0), new Bias(0, 16, 83), new Noise(0), .. taps == 1 ? (Component[])[] : [new Blur(0, taps)], new Normalise(0), new Gamma(1),
    ];

    private static ValueList<SideMeasure> Scales(int count) =>
        ValueList.Create<SideMeasure>([.. Enumerable.Repeat(SideMeasure.Of(2), count)]);
}
