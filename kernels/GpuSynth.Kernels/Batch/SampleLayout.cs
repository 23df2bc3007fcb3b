using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// Where a kernel finds the numbers that it reads in a table of words [sample][word]: the rows of a batch (<see cref="RowLayout"/>), the only
/// thing that a device is told of it. A word is a whole number, or the bits of a float.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct SampleLayout
{
    /// <summary>Words of one sample, a multiple of 4.</summary>
    public readonly int Stride;

    /// <summary>First of the standard deviations of the label fields' nodes, one float per scale.</summary>
    public readonly int FieldStd;

    /// <summary>First of the standard deviations in voxels of the displacements' (or a label map's deformation's) nodes, one float
    /// per scale.</summary>
    public readonly int DisplacementStd;

    /// <summary>First of the blur's weights: floats [z, y, x][tap].</summary>
    public readonly int BlurWeights;

    /// <summary>First of the mean intensities, one float per label.</summary>
    public readonly int Means;

    /// <summary>Float: standard deviation of the noise as a fraction of max|I|; 0 without noise.</summary>
    public readonly int NoiseStdOfMaximum;

    /// <summary>Float: what the largest node of the bias field is scaled to, but for its sign; 0 without a bias field.</summary>
    public readonly int BiasPeak;

    /// <summary>A <see cref="MapPlace"/>: of the first label map in the recipe, unless it is set to another's.</summary>
    public int LabelMap { get; init; }

    /// <summary>Taps of the blur, odd; 1 without blur.</summary>
    public readonly int Taps;

    /// <summary>Number of labels.</summary>
    public readonly int Labels;

    /// <summary>Where the numbers of a run's rows stand.</summary>
    /// <param name="rows">Layout of the rows.</param>
    public SampleLayout(RowLayout rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RowEntry? noise = rows.Find<NoiseAnatomy>();
        RowEntry? map = rows.Find<LabelMapAnatomy>();
        RowEntry? blur = rows.Find<Blur>();
        Stride = rows.Length;
        FieldStd = noise?.Lists ?? RowLayout.Zeros;
        DisplacementStd = noise is { Component: NoiseAnatomy anatomy }
            ? noise.Lists + anatomy.Field.Scales.Count
            : map?.Lists ?? RowLayout.Zeros;
        BlurWeights = blur?.Lists ?? RowLayout.Ones;
        Taps = (blur?.Component as Blur)?.Taps ?? 1;
        Means = rows.Find<Contrast>()?.Lists ?? RowLayout.Zeros;
        NoiseStdOfMaximum = rows.Find<Noise>()?.First ?? RowLayout.Zeros;
        BiasPeak = FieldOf<Bias.Drawn>(rows.Find<Bias>(), nameof(Bias.Drawn.Peak));
        LabelMap = map?.First ?? RowLayout.Zeros;
        Labels = rows.Facts.LabelCount;
    }

    /// <summary>The float in a word.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="word">Its index in the table.</param>
    public static float Number(ArrayView<uint> words, int word) => Interop.IntAsFloat(words[word]);

    /// <summary>Where numbers of a sample's anatomy are drawn.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="sample">The sample's place in the batch.</param>
    /// <param name="stream">One of <see cref="Streams"/>.</param>
    public RandomPlace AnatomyPlace(ArrayView<uint> words, int sample, uint stream) => Place(words, sample * Stride, RowLayout.Anatomy, stream);

    /// <summary>Where numbers of a sample's appearance are drawn.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="sample">The sample's place in the batch.</param>
    /// <param name="stream">One of <see cref="Streams"/>.</param>
    public RandomPlace AppearancePlace(ArrayView<uint> words, int sample, uint stream) =>
        Place(words, sample * Stride, RowLayout.Appearance, stream);

    /// <summary>The word of a field of what a component draws; a word that is 0 without one.</summary>
    internal static int FieldOf<TDrawn>(RowEntry? entry, string field) => entry is null
        ? RowLayout.Zeros
        : entry.First + ((int)Marshal.OffsetOf<TDrawn>(field) / sizeof(uint));

    private static RandomPlace Place(ArrayView<uint> words, int row, int key, uint stream) => new(
        words[row + RowLayout.Seed], words[row + RowLayout.Seed + 1], stream, words[row + key], words[row + key + 1]);
}
