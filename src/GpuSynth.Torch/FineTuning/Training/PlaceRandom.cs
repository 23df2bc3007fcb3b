using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The random numbers of one place, one after another: Philox of (seed, number, stream).</summary>
internal struct PlaceRandom(ulong seed, ulong number, uint stream)
{
    // Streams of fine-tuning, apart from those of the synthesis. APPEND ONLY, as there.
    public const uint SubsetStream = 1000;
    public const uint OrderStream = 1001;
    public const uint CropStream = 1002;
    public const uint BootstrapStream = 1003;
    public const uint SeedBootstrapStream = 1010;
    public const uint FoldStream = 1012;
    public const uint CropNoiseStream = 1040;
    public const uint ProbeVoxelStream = 1020;
    public const uint ProbeProjectionStream = 1021;
    public const uint ProbePairStream = 1022;

    // Of classification.
    public const uint PartStream = 1030;
    public const uint ShotStream = 1031;
    public const uint ImageStream = 1032;
    public const uint PatientStream = 1033;

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
