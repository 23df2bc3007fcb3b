using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Torch.FineTuning;

// Bytes of a case of F voxels in its file, P prepared ones and C channels, tested with K classes.
// Held:    image 4 C P, labels P; of a test case the file's labels F.
// Reading: image 4 C F, labels as numbers 4 F and as bytes F; where the grid changes, image 4 C P and labels P as well. Of a file
// of more than 2^24 values the array may have grown by doubling, beside the one before.
// Testing: logits 4 K P and their weights 4 P, labels F; where the grid changes, two volumes of logits in the file's, 8 F.
// Measuring: distances 8 F, masks 4 F, labels F.
// Not counted: the network's own memory, which grows with --patch and --batch.

/// <summary>What a run needs of the memory, known from the files' headers alone.</summary>
/// <param name="Cases">Cases.</param>
/// <param name="HeldBytes">Of all prepared cases.</param>
/// <param name="WorkingBytes">Of work on one case, the largest.</param>
/// <param name="Largest">That case's name.</param>
/// <param name="AvailableBytes">What there is.</param>
internal sealed record MemoryPlan(int Cases, long HeldBytes, long WorkingBytes, string Largest, long AvailableBytes)
{
    // The rest is for the network, for the runtime's own, and for what other programs do meanwhile.
    private const double HeldShare = 0.6;
    private const double WorkingShare = 0.8;

    private const long GrowingValues = 1 << 24;

    /// <summary>Whether the cases do not fit beside the work on one of them.</summary>
    public bool IsStreamed => HeldBytes + WorkingBytes > HeldShare * AvailableBytes;

    /// <summary>What the runtime may use: the machine's memory, or the limit of a container or of the user.</summary>
    public static long MachineBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Plans a run.</summary>
    /// <param name="cases">The headers, those of the test last.</param>
    /// <param name="tests">How many are for the test.</param>
    /// <param name="spacing">Common spacing.</param>
    /// <param name="classes">Classes, as far as they are known.</param>
    /// <param name="available">Bytes of memory.</param>
    public static MemoryPlan Of(
        IReadOnlyList<CaseHeader> cases, int tests, VoxelSpacing spacing, int classes, long available)
    {
        (long held, long working, string largest) = (0, 0, string.Empty);
        for (int n = 0; n < cases.Count; n++)
        {
            CaseHeader one = cases[n];
            VolumeShape prepared = one.PreparedShape(spacing);
            (long f, long p, long c) = (one.Shape.VoxelCount, prepared.VoxelCount, one.Channels);
            bool isTest = n >= cases.Count - tests;
            bool changes = !one.Spacing.IsNear(spacing) || !one.IsCanonical;
            held += (4 * c * p) + p + (isTest ? f : 0);
            long grown = c * f > GrowingValues ? 4 : 0;
            long reading = (4 * c * f) + Math.Max(grown * c * f, ((5 + grown) * f) + (changes ? (4 * c * p) + p : 0));
            long testing = (4 * (classes + 1) * p) + f + (changes ? 8 * f : 0);
            long own = Math.Max(reading, Math.Max(testing, 13 * f));
            CheckArrays(one, prepared, classes);
            if (own > working)
            {
                (working, largest) = (own, one.Files.Name);
            }
        }

        var plan = new MemoryPlan(cases.Count, held, working, largest, available);
        return plan.WorkingBytes <= WorkingShare * available ? plan : throw new DatasetException(
            $"Case {largest} needs {Text(working)} of memory to be read and tested, beside a fifth for the rest, and there are "
            + $"{Text(available)}; take a coarser --spacing, crop the case, or use a machine with more memory.");
    }

    /// <summary>"130 cases, 52 MB when they are prepared, 3 MB to work on one; of 16 GB: held in memory".</summary>
    public override string ToString() =>
        $"{Cases} cases, {Text(HeldBytes)} when they are prepared, {Text(WorkingBytes)} to work on the largest ({Largest}), "
        + $"of {Text(AvailableBytes)} of memory: "
        + (IsStreamed ? "prepared once, then streamed from the disk" : "held in memory");

    private static string Text(long bytes) => ByteCount.Text(bytes);

    // An array has at most 2^31 elements, however much memory there is.
    private static void CheckArrays(CaseHeader one, VolumeShape prepared, int classes)
    {
        long most = Math.Max(
            one.Channels * Math.Max(one.Shape.VoxelCount, prepared.VoxelCount), classes * prepared.VoxelCount);
        if (most > Array.MaxLength)
        {
            throw new DatasetException(
                $"Case {one.Files.Name} has {prepared} voxels at the common spacing, {one.Channels} channels and {classes} "
                + $"classes: {most:N0} values, more than the {Array.MaxLength:N0} that are worked on at once; take a coarser --spacing.");
        }
    }
}
