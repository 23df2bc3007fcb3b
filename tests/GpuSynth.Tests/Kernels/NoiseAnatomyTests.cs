using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

[Category("Host")]
public sealed class NoiseAnatomyTests
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(1, 1, 1), VolumeShape.Volume(2, 3, 1), VolumeShape.Volume(1, 31, 2), VolumeShape.Volume(3, 31, 33),
        VolumeShape.Volume(33, 2, 31), VolumeShape.Volume(31, 33, 17), VolumeShape.Volume(9, 7, 100), VolumeShape.Image(1, 1),
        VolumeShape.Image(33, 31), VolumeShape.Image(96, 100),
    ];

    // The rule for labels: a score of any float form is within twice the plain form's largest error, so two scores further apart
    // than four times that error cannot change places; there all forms agree.
    [Category("Slow")]
    [Test]
    public void Ladder_ReferenceHost([ValueSource(nameof(Shapes))] VolumeShape shape,
        [Values(0f, 2.5f, 40f)] float displacementStd)
    {
        const int labelCount = 4;
        Setup setup = new(shape, labelCount, displacementStd);
        int voxels = (int)shape.VoxelCount;
        var reference = new byte[voxels];
        var margins = new double[voxels];
        NoiseAnatomy.ReferenceLabels(
            shape, setup.FieldLayout, setup.Fields, setup.DisplacementLayout, setup.Displacements, reference, margins);
        double scoreError = setup.PlainScoreError();
        byte[] host = Host(setup);
        int away = 0;
        int ties = 0;
        for (int voxel = 0; voxel < voxels; voxel++)
        {
            // Labels that are all displaced out of the volume score 0 together: a thin volume has many such voxels.
            ties += margins[voxel] == 0 ? 1 : 0;
            if (margins[voxel] > 4 * scoreError)
            {
                away++;
                Assert.That(host[voxel], Is.EqualTo(reference[voxel]), $"voxel {voxel}");
            }
        }

        Assert.That(away, Is.GreaterThan((0.98 * (voxels - ties)) - 2));
    }

    // Displaced positions go up to some 200 voxels, and a field changes by a few per voxel: the plain form is right to a few
    // units of rounding of the position.
    [Category("Slow")]
    [Test]
    public void Scores_AreRight_UpToRounding([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        double scoreError = new Setup(shape, 3, 2.5f).PlainScoreError();
        double longest = Math.Max(shape.Depth, Math.Max(shape.Height, shape.Width)) + 20;
        Assert.That(scoreError, Is.LessThan(3 * 8 * longest * 4 / (1 << 24)));
    }

    [Test]
    public void OneLabel_IsEverywhere()
    {
        byte[] labels = Host(new Setup(VolumeShape.Volume(5, 6, 7), 1, 2f));
        Assert.That(labels, Is.All.EqualTo((byte)0));
    }

    private static unsafe byte[] Host(Setup setup)
    {
        var host = new NoiseAnatomyHost(setup.Shape, setup.FieldLayout, setup.DisplacementLayout);
        var labels = new byte[setup.Shape.VoxelCount];
        long displacementLength = host.Displacement?.Length ?? 0;
        float* fields = (float*)NativeMemory.AlignedAlloc((nuint)(host.Field.Length * sizeof(float)), 64);
        float* displacements = (float*)NativeMemory.AlignedAlloc((nuint)((displacementLength + 16) * sizeof(float)), 64);
        float* scratch = (float*)NativeMemory.AlignedAlloc((nuint)(host.ScratchLength * sizeof(float)), 64);
        var mergeScratch = new float[Math.Max(host.Field.ScratchLength, host.Displacement?.ScratchLength ?? 0)];
        float[] fieldNodes = [.. setup.Fields, .. new float[16]];
        float[] displacementNodes = [.. setup.Displacements, .. new float[16]];
        fixed (float* merge = mergeScratch, fieldAt = fieldNodes, displacementAt = displacementNodes)
        fixed (byte* labelsAt = labels)
        {
            for (int label = 0; label < setup.FieldLayout.Channels; label++)
            {
                host.Field.Merge(fieldAt, label, 1f, fields, merge);
            }

            for (int channel = 0; host.Displacement is not null && channel < host.Displacement.Layout.Channels; channel++)
            {
                float stretch = host.Stretch(channel % setup.Shape.Dimensions);
                host.Displacement.Merge(displacementAt, channel, stretch, displacements, merge);
            }

            for (int slab = 0; slab < host.SlabCount; slab++)
            {
                host.Slab(slab, fields, displacements, labelsAt, scratch);
            }
        }

        NativeMemory.AlignedFree(scratch);
        NativeMemory.AlignedFree(displacements);
        NativeMemory.AlignedFree(fields);
        return labels;
    }

    private sealed class Setup
    {
        public Setup(VolumeShape shape, int labelCount, float displacementStd)
        {
            Shape = shape;
            int side = shape.Side;
            FieldLayout = new NoiseGridLayout(shape, [Math.Max(1, side / 8), Math.Max(1, side / 4)], labelCount);
            Fields = Nodes(FieldLayout, Streams.FieldNodes, 1f);
            if (displacementStd > 0f)
            {
                DisplacementLayout = new NoiseGridLayout(
                    shape,
                    [Math.Max(1, side / 16), Math.Max(1, side / 8), Math.Max(1, side / 4)],
                    labelCount * shape.Dimensions);
                Displacements = Nodes(DisplacementLayout, Streams.DisplacementNodes, displacementStd);
            }
        }

        public VolumeShape Shape { get; }

        public NoiseGridLayout FieldLayout { get; }

        public float[] Fields { get; }

        public NoiseGridLayout? DisplacementLayout { get; }

        public float[] Displacements { get; } = [];

        public double PlainScoreError() => PlainForms.ScoreError(FieldLayout, Fields, DisplacementLayout, Displacements);

        private static float[] Nodes(NoiseGridLayout layout, uint stream, float std)
        {
            var place = new RandomPlace(31, 0, stream);
            return [.. Enumerable.Range(0, layout.Length).Select(node => std * Normal.At(place, node))];
        }
    }
}
