using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Anatomy;

/// <summary>A shape of one sample, painted by the host without an engine around it, and its roughness in double.</summary>
internal sealed unsafe class ShapeSample
{
    private readonly RowLayout layout;
    private readonly uint[] words;
    private readonly float[] tile;

    /// <summary>Draws it; of one without lattices the tile is nothing to it.</summary>
    public ShapeSample(Component shape, VolumeShape volume, ulong sample, uint tileStream = 0)
    {
        layout = new RowLayout([shape], new SampleFacts(volume, 255));
        words = GC.AllocateArray<uint>(layout.Length, pinned: true);
        layout.Draw(20261129, new SampleKey(sample, 0), words);
        layout.Prepare(words);
        tile = TileOf(volume, words, tileStream);
    }

    private ShapeSample(DrawnSample drawn, RowEntry entry, uint tileStream)
    {
        layout = drawn.Layout;
        words = GC.AllocateArray<uint>(layout.Length, pinned: true);
        drawn.Words.CopyTo(words);
        tile = TileOf(layout.Facts.Shape, words, new StepPlace(entry, 0, layout.Facts).Stream(tileStream));
    }

    /// <summary>The row on the host.</summary>
    public Row Row => new((uint*)Marshal.UnsafeAddrOfPinnedArrayElement(words, 0), null);

    /// <summary>The tile that its lattices look into.</summary>
    public LatticeTile Tile => new(
        new NumberTable((float*)Marshal.UnsafeAddrOfPinnedArrayElement(tile, 0)), 0, layout.Facts.Shape.Dimensions == 3 ? 0 : 1);

    /// <summary>What an engine drew for a component of a sample.</summary>
    public static ShapeSample Of<TComponent>(DrawnSample drawn, uint tileStream)
        where TComponent : Component => new(drawn, drawn.Layout.Entries.Single(static entry => entry.Component is TComponent), tileStream);

    /// <summary>What was drawn.</summary>
    public ref TDrawn Drawn<TDrawn>()
        where TDrawn : unmanaged => ref layout.Of<TDrawn>(words);

    /// <summary>The numbers of a list.</summary>
    public ReadOnlySpan<float> Numbers(WordList list) => RowLayout.Numbers(words, list);

    /// <summary>Works out what follows from numbers that were changed.</summary>
    public void Prepare() => layout.Prepare(words);

    /// <summary>Labels of the host, painted over one label.</summary>
    public byte[] Labels(byte before)
    {
        HostAnatomy form = ((IAnatomyComponent)layout.Entries[0].Component).CreateHostAnatomy(new StepPlace(layout.Entries[0], 0, layout.Facts));
        using var arena = new WorkArena();
        form.Declare(arena);
        arena.Allocate();
        var scratch = new float[form.ScratchLength];
        var labels = new byte[layout.Facts.Shape.VoxelCount];
        labels.AsSpan().Fill(before);
        fixed (float* thread = scratch)
        fixed (byte* at = labels)
        {
            for (int piece = 0; piece < form.PreparationCount; piece++)
            {
                form.Prepare(arena, words, piece, thread);
            }

            for (int slab = 0; slab < form.SlabCount; slab++)
            {
                form.Slab(arena, words, slab, at, thread);
            }
        }

        return labels;
    }

    private static float[] TileOf(VolumeShape volume, ReadOnlySpan<uint> words, uint stream)
    {
        float[] numbers = GC.AllocateArray<float>(LatticeTile.Length(volume), pinned: true);
        Normal.HostFill((float*)Marshal.UnsafeAddrOfPinnedArrayElement(numbers, 0), numbers.Length, RowLayout.AnatomyPlace(words, stream));
        return numbers;
    }
}
