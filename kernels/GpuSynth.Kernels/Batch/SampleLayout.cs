using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// Where the parameters of a sample lie in a table of words [sample][word], the only thing of a batch that a device is told: its
/// keys, and what was drawn for them. A word is a whole number, or the bits of a float.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct SampleLayout
{
    /// <summary>Word of the anatomy index, low; high is the next.</summary>
    public const int Anatomy = 0;

    /// <summary>Word of the appearance index, low; high is the next.</summary>
    public const int Appearance = 2;

    /// <summary>Word of the appearance's attempt.</summary>
    public const int Attempt = 4;

    /// <summary>Float: standard deviation of the noise as a fraction of max|I|; 0 without noise.</summary>
    public const int NoiseStdOfMaximum = 5;

    /// <summary>Float: exponent of the gamma curve; 1 without one.</summary>
    public const int Gamma = 6;

    /// <summary>Float: what the largest node of the bias field is scaled to; 0 without a bias field.</summary>
    public const int BiasPeak = 7;

    /// <summary>Three floats: standard deviation of the bias field's blur along z, y, x, in voxels, above 0.</summary>
    public const int BiasSigma = 8;

    /// <summary>Twelve floats, as in <see cref="LabelMapTransform"/>: ZZ, ZY, ZX, Z, YZ, YY, YX, Y, XZ, XY, XX, X.</summary>
    public const int Transform = 11;

    /// <summary>Where the sample's label map begins in the memory of all maps, in bytes, low word; high is the next.</summary>
    public const int MapOffset = 23;

    /// <summary>Voxels of the sample's label map along z, y, x.</summary>
    public const int MapShape = 25;

    /// <summary>1 where the labels of both sides change places, as in a mirror; 0 where they stay.</summary>
    public const int Exchange = 28;

    /// <summary>Float: added to the range of intensities by the normalisation; two words of room behind it.</summary>
    public const int Epsilon = 29;

    /// <summary>First word of what depends on the recipe.</summary>
    public const int Fixed = 32;

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

    /// <summary>Taps of the blur, odd; 1 without blur.</summary>
    public readonly int Taps;

    /// <summary>Number of labels.</summary>
    public readonly int Labels;

    /// <summary>Low word of the run's seed.</summary>
    public readonly uint SeedLow;

    /// <summary>High word of the run's seed.</summary>
    public readonly uint SeedHigh;

    /// <summary>Lays out the words of a sample.</summary>
    /// <param name="fieldScales">Scales of the label fields.</param>
    /// <param name="displacementScales">Scales of the displacements or of the deformation.</param>
    /// <param name="taps">Taps of the blur, odd; 1 without blur.</param>
    /// <param name="labels">Number of labels.</param>
    /// <param name="seed">The run's seed.</param>
    public SampleLayout(int fieldScales, int displacementScales, int taps, int labels, ulong seed)
    {
        FieldStd = Fixed;
        DisplacementStd = FieldStd + fieldScales;
        BlurWeights = DisplacementStd + displacementScales;
        Means = BlurWeights + (3 * taps);
        Stride = (Means + labels + 3) / 4 * 4;
        Taps = taps;
        Labels = labels;
        SeedLow = (uint)seed;
        SeedHigh = (uint)(seed >> 32);
    }

    /// <summary>The float in a word.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="word">Its index in the table.</param>
    public static float Number(ArrayView<uint> words, int word) => Interop.IntAsFloat(words[word]);

    /// <summary>Where numbers of a sample's anatomy are drawn.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="sample">The sample's place in the batch.</param>
    /// <param name="stream">One of <see cref="Streams"/>.</param>
    public RandomPlace AnatomyPlace(ArrayView<uint> words, int sample, uint stream)
    {
        int first = sample * Stride;
        return new RandomPlace(SeedLow, SeedHigh, stream, words[first + Anatomy], words[first + Anatomy + 1]);
    }

    /// <summary>Where numbers of a sample's appearance are drawn.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="sample">The sample's place in the batch.</param>
    /// <param name="stream">One of <see cref="Streams"/>.</param>
    public RandomPlace AppearancePlace(ArrayView<uint> words, int sample, uint stream)
    {
        int first = sample * Stride;
        return new RandomPlace(
            SeedLow,
            SeedHigh,
            stream | (words[first + Attempt] << 24),
            words[first + Appearance],
            words[first + Appearance + 1]);
    }
}
