using GpuSynth.Kernels;

namespace GpuSynth.Torch;

/// <summary>The random numbers of one place, one after another: Philox of (seed, number, stream).</summary>
/// <param name="seed">Seed of the run.</param>
/// <param name="number">Which place: an item's number.</param>
/// <param name="stream">Which of the place's sequences.</param>
public struct PlaceRandom(ulong seed, ulong number, uint stream)
{
    // Streams of fine-tuning, apart from those of the synthesis. APPEND ONLY, as there.
    internal const uint SubsetStream = 1000;
    internal const uint OrderStream = 1001;
    internal const uint CropStream = 1002;
    internal const uint BootstrapStream = 1003;
    internal const uint SeedBootstrapStream = 1010;
    internal const uint FoldStream = 1012;
    internal const uint CropNoiseStream = 1040;
    internal const uint CropAppearanceStream = 1041;
    internal const uint ProbeVoxelStream = 1020;
    internal const uint ProbeProjectionStream = 1021;
    internal const uint ProbePairStream = 1022;

    // Of classification.
    internal const uint PartStream = 1030;
    internal const uint ShotStream = 1031;
    internal const uint ImageStream = 1032;
    internal const uint PatientStream = 1033;

    // Of objectives.
    internal const uint MaskStream = 1050;
    internal const uint VoxelStream = 1051;
    internal const uint FusionStream = 1052;
    internal const uint CropPlaceStream = 1053;
    internal const uint ObjectiveNoiseStream = 1054;
    internal const uint RoundStream = 1055;
    internal const uint WindowStream = 1056;
    internal const uint CropFlipStream = 1060;
    internal const uint CropDropStream = 1061;

    private readonly RandomPlace place = new(seed, number, stream);
    private long element;

    /// <summary>The next number, strictly between 0 and 1.</summary>
    public float Uniform() => Kernels.Uniform.At(in place, element++);

    /// <summary>The next number of a range, each alike.</summary>
    public float Between(float low, float high) => low + ((high - low) * Uniform());

    /// <summary>The next whole number of 0 to count - 1. Two uniforms: one has 23 bits.</summary>
    public int Below(int count) => (int)Math.Min(count - 1, count * (Uniform() + ((Uniform() - 0.5) / (1 << 23))));

    /// <summary>The numbers 0 to count - 1 in random order (Fisher and Yates).</summary>
    public int[] Shuffled(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int n = count - 1; n > 0; n--)
        {
            int other = Below(n + 1);
            (order[n], order[other]) = (order[other], order[n]);
        }

        return order;
    }
}
