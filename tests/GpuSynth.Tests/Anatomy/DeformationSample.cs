using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Deformations for tests, and what they are tried on.</summary>
internal static class DeformationSample
{
    private static readonly LateralPairs Sides = LateralPairs.Of(new LabelPair(1, 2), new LabelPair(3, 4));
    private static readonly PerLabelLaw Numbers = new([.. Enumerable.Range(0, LabelTables.Most).Select(static label => (Law)label)]);

    /// <summary>Changes nothing.</summary>
    public static Deformation Nothing { get; } = new(0, 1, 0, null, 0, 0, 0, 0, 0, null, null, 0);

    /// <summary>Draws everything that there is.</summary>
    public static Deformation Everything { get; } = new(
        new UniformLaw(-20, 20),
        new UniformLaw(0.7, 1.3),
        new UniformLaw(-0.1, 0.1),
        null,
        new UniformLaw(-0.1, 0.1),
        0.5,
        0.5,
        0.5,
        0.5,
        new ShiftGrids([SideMeasure.Of(4), SideMeasure.Of(9)], 0.02),
        new ShiftGrids([SideMeasure.Of(7)], 0.04),
        new IntegerLaw(0, 2));

    /// <summary>What it is drawn over: six labels.</summary>
    public static NoiseAnatomy Fields { get; } = new(SideMeasure.Of(6), new NoiseGrids([SideMeasure.Of(3), SideMeasure.Of(8)], 1), null);

    /// <summary>Label maps as they are, the sides of 1 and 2, and of 3 and 4, known.</summary>
    public static LabelMapAnatomy Maps { get; } = new(0, 1, 0, 0, 0, null, null, null, Sides, TissueClasses.None);

    /// <summary>What it is tried on.</summary>
    public static VolumeShape[] Shapes { get; } = [VolumeShape.Volume(17, 16, 35), VolumeShape.Volume(16, 33, 15), VolumeShape.Image(31, 46)];

    /// <summary>On the host and on the simulated device.</summary>
    public static IEnumerable<TestCaseData<string, VolumeShape>> Cases => Shapes.SelectMany(static shape => (TestCaseData<string, VolumeShape>[])
    [
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.Host, shape).SetArgDisplayNames(DeviceCatalogue.Host, $"{shape}"),
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.IlgpuCpu, shape)
            .SetArgDisplayNames(DeviceCatalogue.IlgpuCpu, $"{shape}").SetCategory("Slow"),
    ]);

    /// <summary>Labels whose voxel (z, y, x) is the one that the function names.</summary>
    public static byte[] Moved(byte[] labels, VolumeShape shape, Func<int, int, int, (int Z, int Y, int X)> from) =>
    [
        .. Enumerable.Range(0, labels.Length).Select(voxel =>
        {
            (int z, int y, int x) = from(voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
            return labels[(((z * shape.Height) + y) * shape.Width) + x];
        }),
    ];

    /// <summary>A list of anatomies; of label maps intensities are the labels that they are made of.</summary>
    public static EngineOptions Of(Component[] anatomy, string device, VolumeShape shape, LabelMapSet? maps = null) => Rendering.Options(
        new Recipe("moved", shape.Dimensions, [.. anatomy], [new Contrast(maps is null ? new UniformLaw(0, 1) : Numbers)]), shape) with
    {
        Device = device,
        LabelMaps = maps,
    };
}
