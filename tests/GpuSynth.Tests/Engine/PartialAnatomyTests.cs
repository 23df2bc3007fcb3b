using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>An anatomy that paints over a part of the volume, in a list with others that cover it.</summary>
[Category("Host")]
public sealed class PartialAnatomyTests
{
    private static readonly VolumeShape Volume = VolumeShape.Volume(7, 9, 17);
    private static readonly NoiseAnatomy Coarse = new(SideMeasure.Of(5), new NoiseGrids([SideMeasure.Of(4)], 1), null);
    private static readonly NoiseAnatomy Fine = new(SideMeasure.Of(3), new NoiseGrids([SideMeasure.Of(2)], 1), null);

    // One that paints over a part leaves the rest as it was; what is measured row by row is measured when the last has painted.
    [Test]
    public void WhatDoesNotCover_PaintsOverAPart([Values(1, 3)] int threads)
    {
        using SynthesisEngine bare = Start(Of([Coarse, Fine with { Chance = 0.5 }], threads));
        using SynthesisEngine over = Start(
            Of([Coarse, new Half(3) { Chance = 0.7 }, Fine with { Chance = 0.5 }, new Half(1) { Chance = 0.6 }], threads));
        var seen = new HashSet<string>();
        for (int n = 0; n < 30; n++)
        {
            RenderedSample below = Sample(bare, SampleKey.Of(n));
            RenderedSample sample = Sample(over, SampleKey.Of(n));
            string[] leftOut = [.. sample.Drawn.LeftOut];
            seen.Add(string.Join(' ', leftOut));
            Assert.That(leftOut.Contains("noiseField"), Is.EqualTo(below.Drawn.LeftOut.Contains("noiseField")));
            int? painted = !leftOut.Contains("half#2") ? 1 : !leftOut.Contains("half") ? 3 : null;
            Assert.That(sample.Label.Chunk(Volume.Width).Select(static row => row[^1]), Is.EqualTo(below.Label.Chunk(Volume.Width).Select(static row => row[^1])));
            Assert.That(
                sample.Label.Chunk(Volume.Width).Select(row => row[0] == painted).All(static isPainted => isPainted) || painted is null, $"sample {n}");
            Assert.That(painted is not null || sample.HasSameBytes(below), $"sample {n}");
            Assert.That(leftOut.Contains("half") || leftOut.Contains("noiseField#2"), "what covers is behind the first half");
        }

        Assert.That(seen, Has.Count.EqualTo(6));
        Assert.That(
            () => new Recipe("none", 3, [new Half(1)], [new Contrast(1)]),
            Throws.TypeOf<RecipeException>().With.Message.Contains("anatomy[0].half: changes labels, and there are none before it"));
    }

    private static EngineOptions Of(Component[] anatomy, int threads) => Options(
        new Recipe("list", 3, [.. anatomy], [new Contrast(new UniformLaw(0, 1)), new Noise(0.05), new Normalise(1e-6)]), Volume, threads: threads);

    [Component("half", (1 << 15) + 7, Source = "a test", Says = "One label on the left.")]
    private sealed record Half([property: Allowed(0, 255, Says = "The label.")] int Label) : AnatomyComponent<Half.Drawn>
    {
        public override bool Covers => false;

        public override string MadeOf => "labels";

        public override int BytesPerVoxel => 1;

        public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => Label + 1;

        public override Drawn Draw(ref Drawing drawing) => new() { Label = Label };

        public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new Form(place);

        public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => throw new NotSupportedException();

        public struct Drawn
        {
            [Recorded("halfLabel")]
            public int Label;
        }

        private sealed unsafe class Form(StepPlace place) : HostAnatomy
        {
            public override int PreparationCount => 0;

            public override int SlabCount => 2;

            public override long ScratchLength => 0;

            public override void Declare(IHostMemory memory)
            {
            }

            public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
            {
            }

            public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
            {
                (int first, int count) = RowsOf(slab);
                for (int at = first; at < first + count; at++)
                {
                    new Span<byte>(labelsDHW + (at * Volume.Width), Volume.Width / 2).Fill((byte)place.Entry.Drawn<Drawn>(row).Label);
                }
            }

            public override (int First, int Count) RowsOf(int slab)
            {
                int rows = Volume.Depth * Volume.Height;
                return slab == 0 ? (0, rows / 2) : (rows / 2, rows - (rows / 2));
            }
        }
    }
}
