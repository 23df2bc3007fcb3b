namespace GpuSynth.Kernels;

/// <summary>
/// The sides in FreeSurfer's label numbers: aseg, aparc+aseg (also a2005s and a2009s), wmparc, and the nuclei of thalamus and
/// hypothalamus. Source: FreeSurferColorLUT.txt of FreeSurfer.
/// </summary>
public static class FreeSurferLabels
{
    // Left values First, First + Step, ...; their partners Partner, Partner + Step, ...
    private static readonly (int First, int Partner, int Count, int Step)[] Runs =
    [
        (1, 40, 13, 1), (17, 53, 4, 1), (25, 57, 15, 1), // aseg
        (73, 74, 2, 2), (78, 79, 1, 1), (81, 82, 2, 2), (96, 97, 1, 1), (100, 109, 9, 1),
        (136, 137, 2, 2), (155, 156, 2, 2), (193, 197, 4, 1),
        (332, 333, 13, 2), // vessels
        (415, 416, 3, 2), (421, 426, 1, 1), (422, 423, 2, 2), (427, 428, 4, 2), (435, 436, 1, 1), (438, 439, 1, 1),
        (550, 500, 9, 1), // hippocampus
        (819, 820, 2, 2), (843, 844, 1, 1), (865, 866, 1, 1), (869, 870, 1, 1),
        (1000, 2000, 1000, 1), (3000, 4000, 1000, 1), (5001, 5002, 1, 1), // cortex, and the white matter below it
        (8100, 8200, 100, 1), // thalamus
        (11100, 12100, 900, 1), (13100, 14100, 900, 1), // a2009s: cortex, white matter
    ];

    // Values on both sides, in the middle, or nowhere.
    private static readonly (int First, int Last)[] Middle =
    [
        (0, 0), (14, 16), (21, 24), (72, 72), (77, 77), (80, 80), (85, 88), (98, 98), (118, 135), (140, 154), (165, 165), (170, 175),
        (201, 225), (250, 259), (331, 331), (358, 359), (400, 414), (437, 437), (853, 853), (999, 999),
    ];

    /// <summary>The value on the other side, or null of a value that has no side.</summary>
    /// <param name="value">A value of FreeSurfer's table.</param>
    public static int? PartnerOf(int value)
    {
        foreach ((int first, int partner, int count, int step) in Runs)
        {
            if (IsIn(value, first, count, step))
            {
                return value - first + partner;
            }

            if (IsIn(value, partner, count, step))
            {
                return value - partner + first;
            }
        }

        return null;
    }

    /// <summary>Whether a value is of the left side.</summary>
    /// <param name="value">A value of FreeSurfer's table.</param>
    public static bool IsLeft(int value) => Array.Exists(Runs, run => IsIn(value, run.First, run.Count, run.Step));

    /// <summary>Whether this table knows the value: its partner, or that it has none.</summary>
    /// <param name="value">A stored value.</param>
    public static bool IsKnown(int value) =>
        PartnerOf(value) is not null || Array.Exists(Middle, run => value >= run.First && value <= run.Last);

    private static bool IsIn(int value, int first, int count, int step) =>
        value >= first && value < first + (count * step) && (value - first) % step == 0;
}
