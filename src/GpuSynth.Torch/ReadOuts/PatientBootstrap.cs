using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.ReadOuts;

/// <summary>
/// 95 % intervals by drawing patients again, with all of their images (Efron's percentile bootstrap). Stratified: as many patients
/// of every class as there are. Draw n is the same for all that is measured on the same patients, so that differences are paired.
/// </summary>
/// <param name="patients">The patient of every image.</param>
/// <param name="classOf">The class of every image; a patient counts as of the class that most of his images have.</param>
/// <param name="seed">Of the draws.</param>
internal sealed class PatientBootstrap(IReadOnlyList<string> patients, IReadOnlyList<int> classOf, ulong seed = 0)
{
    /// <summary>Draws.</summary>
    public const int Draws = 2000;

    // [classes][patients][images].
    private readonly int[][][] strata =
    [
        .. Enumerable.Range(0, patients.Count).GroupBy(n => patients[n], StringComparer.Ordinal)
            .OrderBy(static images => images.Key, StringComparer.Ordinal)
            .GroupBy(images => MostFrequent(images.Select(n => classOf[n])))
            .OrderBy(static stratum => stratum.Key)
            .Select(static stratum => stratum.Select(static images => images.ToArray()).ToArray()),
    ];

    /// <summary>Patients.</summary>
    public int PatientCount => strata.Sum(static stratum => stratum.Length);

    /// <summary>The class that most have; of equally many the first.</summary>
    public static int MostFrequent(IEnumerable<int> classes) => classes.GroupBy(static k => k)
        .OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key).First().Key;

    /// <summary>Several measures and their intervals; draws in which one is NaN are left out of its interval.</summary>
    /// <param name="measure">Given numbers of images, repeats among them. Called from several threads.</param>
    public MeanInterval[] Intervals(Func<int[], double[]> measure)
    {
        double[][] drawn = Drawn(measure);
        double[] whole = measure([.. Enumerable.Range(0, patients.Count)]);
        return [.. whole.Select((value, m) => Interval(value, [.. drawn.Select(row => row[m]).Where(double.IsFinite).Order()]))];
    }

    /// <summary>What every draw gives.</summary>
    /// <param name="measure">Given numbers of images, repeats among them. Called from several threads.</param>
    public T[] Drawn<T>(Func<int[], T> measure)
    {
        var drawn = new T[Draws];
        Parallel.For(0, Draws, n => drawn[n] = measure(Draw(n)));
        return drawn;
    }

    internal int[] Draw(int number)
    {
        var random = new PlaceRandom(seed, (ulong)number, PlaceRandom.PatientStream);
        var images = new List<int>(patients.Count);
        foreach (int[][] stratum in strata)
        {
            for (int n = 0; n < stratum.Length; n++)
            {
                images.AddRange(stratum[random.Below(stratum.Length)]);
            }
        }

        return [.. images];
    }

    private MeanInterval Interval(double value, double[] sorted) => sorted.Length == 0
        ? new MeanInterval(value, double.NaN, double.NaN, PatientCount)
        : new MeanInterval(value, Bootstrap.Quantile(sorted, 0.025), Bootstrap.Quantile(sorted, 0.975), PatientCount);
}
