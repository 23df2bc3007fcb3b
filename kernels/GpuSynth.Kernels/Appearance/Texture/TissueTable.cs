using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// What voxels need of their labels, as a field of a component's drawn struct: worked out from what was drawn. The words of a label
/// (<see cref="TissueWords"/>) are lists over labels, [word][label].
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct TissueTable
{
    /// <summary>Labels.</summary>
    public readonly int Labels;

    /// <summary>The first of the words.</summary>
    public readonly int First;

    /// <summary>Octaves of structure beside the first.</summary>
    public readonly int MoreOctaves;

    /// <summary>1 where no label has structure.</summary>
    public readonly int IsUnstructured;

    /// <summary>Where voxels lie.</summary>
    public readonly VoxelPlace Place;

    private TissueTable(WordList words, int octaves, bool isUnstructured, VolumeShape shape)
    {
        Labels = words.Count / TissueWords.Count;
        First = words.First;
        MoreOctaves = octaves - 1;
        IsUnstructured = isUnstructured ? 1 : 0;
        Place = new VoxelPlace(shape);
    }

    /// <summary>Words of the row that it needs.</summary>
    /// <param name="labels">Labels.</param>
    public static int Length(int labels) => TissueWords.Count * labels;

    /// <summary>Works out the words of all labels.</summary>
    /// <param name="row">The sample's row, as floats.</param>
    /// <param name="words">Where they go, <see cref="Length"/> of them.</param>
    /// <param name="octaves">Octaves of structure, at least 1.</param>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="numbers">What was drawn for a label, from the row.</param>
    /// <typeparam name="TNumbers">What knows it.</typeparam>
    internal static TissueTable Write<TNumbers>(Span<float> row, WordList words, int octaves, VolumeShape shape, TNumbers numbers)
        where TNumbers : struct, ITissueNumbers
    {
        int labels = words.Count / TissueWords.Count;
        bool isUnstructured = true;
        Span<float> own = stackalloc float[TissueWords.Count];
        for (int label = 0; label < labels; label++)
        {
            TissueNumbers drawn = numbers.Of(row, label);
            TissueWords.Work(own, in drawn, octaves, shape.Dimensions);
            isUnstructured &= own[TissueWords.Structured] == 0;
            for (int word = 0; word < TissueWords.Count; word++)
            {
                row[words.First + (word * labels) + label] = own[word];
            }
        }

        return new TissueTable(words, octaves, isUnstructured, shape);
    }
}

/// <summary>Knows what was drawn for labels.</summary>
internal interface ITissueNumbers
{
    /// <summary>What was drawn for a label.</summary>
    /// <param name="row">The sample's row, as floats.</param>
    /// <param name="label">The label.</param>
    TissueNumbers Of(ReadOnlySpan<float> row, int label);
}

/// <summary>What was drawn for a label's voxels, as <see cref="Texture"/> says it.</summary>
internal struct TissueNumbers
{
    public float Mean;
    public float Std;
    public float Share;
    public float SpacingVoxels;
    public float Elongation;
    public float Ridge;
    public float Hurst;
    public float Tilt;
    public float Turn;
    public float Spin;
    public float OffsetZ;
    public float OffsetY;
    public float OffsetX;
}
