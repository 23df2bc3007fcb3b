using GpuSynth.Devices;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Anatomy;

/// <summary>The trees of one sample, grown and painted by the host, without an engine around them.</summary>
internal sealed unsafe class TreeSample
{
    private readonly RowLayout layout;
    private readonly uint[] row;

    /// <summary>Draws and grows them.</summary>
    public TreeSample(Trees trees, VolumeShape shape, ulong sample)
    {
        layout = new RowLayout([trees], new SampleFacts(shape, trees.Kinds));
        row = new uint[layout.Length];
        layout.Draw(20261129, new SampleKey(sample, 0), row);
        layout.Prepare(row);
    }

    /// <summary>What was drawn.</summary>
    public ref Trees.Drawn Drawn => ref layout.Of<Trees.Drawn>(row);

    /// <summary>z, y, x and radius of the nodes.</summary>
    public Span<float> Nodes => System.Runtime.InteropServices.MemoryMarshal.Cast<uint, float>(row.AsSpan(Drawn.Nodes.First, Drawn.Nodes.Count));

    /// <summary>Branches.</summary>
    public int Branches => Drawn.Segments / TreeBranch.Segments;

    /// <summary>The branches themselves, grown once more: of the only kind.</summary>
    public static TreeBranch[] Grown(Trees trees, VolumeShape shape, ulong sample, out float[] nodes)
    {
        var one = new TreeSample(trees, shape, sample);
        var branches = new TreeBranch[TreeBranch.Most];
        nodes = new float[TreeBranch.Most * TreeBranch.Words];
        float[] radii = RowLayout.Numbers(one.row, one.Drawn.RootRadiusVoxels).ToArray();
        int count = new TreeGrowth(trees, in one.Drawn, shape, RowLayout.AnatomyPlace(one.row, one.Drawn.Stream)).Grow(0, radii, branches, nodes);
        Assert.That(count, Is.EqualTo(one.Branches));
        Assert.That(nodes.AsSpan(0, count * TreeBranch.Words).SequenceEqual(one.Nodes));
        return branches[..count];
    }

    /// <summary>Puts other tubes in place of those that grew, at most as many as may grow.</summary>
    public void Replace(ReadOnlySpan<float> nodes)
    {
        ref Trees.Drawn drawn = ref Drawn;
        drawn.Nodes = new WordList(drawn.Nodes.First, nodes.Length);
        drawn.Segments = drawn.FirstKindSegments = nodes.Length / TreeBranch.Words * TreeBranch.Segments;
        nodes.CopyTo(Nodes);
    }

    /// <summary>Labels of the host, 255 where there is no tube.</summary>
    public byte[] Labels()
    {
        HostAnatomy form = ((Trees)layout.Entries[0].Component).CreateHostAnatomy(new StepPlace(layout.Entries[0], 0, layout.Facts));
        using var arena = new WorkArena();
        form.Declare(arena);
        arena.Allocate();
        form.Prepare(arena, row, 0, null);
        var labels = new byte[layout.Facts.Shape.VoxelCount];
        labels.AsSpan().Fill(255);
        fixed (byte* at = labels)
        {
            for (int slab = 0; slab < form.SlabCount; slab++)
            {
                form.Slab(arena, row, slab, at, null);
            }
        }

        return labels;
    }

    /// <summary>A branch of one thickness straight from one point to another.</summary>
    public static float[] Straight((float Z, float Y, float X) from, (float Z, float Y, float X) to, float radius) =>
    [
        .. Enumerable.Range(0, TreeBranch.Segments + 1).Select(static node => (float)node / TreeBranch.Segments).SelectMany(t => (float[])
        [
            from.Z + (t * (to.Z - from.Z)), from.Y + (t * (to.Y - from.Y)), from.X + (t * (to.X - from.X)), radius,
        ]),
    ];
}
