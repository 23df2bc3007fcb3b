using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Classification;

/// <summary>Images shared out: to training, validation and test by patient, and few of the training.</summary>
internal static class ImageSplit
{
    private const double ValidationShare = 0.1;
    private const double TestShare = 0.2;

    /// <summary>The part of every image: no patient is in two; of every class' patients 10 % validate and 20 % test, at least one.</summary>
    /// <param name="patients">Of every image.</param>
    /// <param name="classOf">Of every image.</param>
    /// <param name="classNames">For the complaint.</param>
    /// <param name="seed">Of the order.</param>
    public static string[] Parts(IReadOnlyList<string> patients, IReadOnlyList<int> classOf, IReadOnlyList<string> classNames, ulong seed)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (IGrouping<int, string> stratum in Enumerable.Range(0, patients.Count)
            .GroupBy(n => patients[n], StringComparer.Ordinal)
            .OrderBy(static images => images.Key, StringComparer.Ordinal)
            .GroupBy(images => PatientBootstrap.MostFrequent(images.Select(n => classOf[n])), static images => images.Key)
            .ToArray())
        {
            string[] own = [.. stratum];
            if (own.Length < 4)
            {
                throw new DatasetException(
                    $"The class '{classNames[stratum.Key]}' has {own.Length} patients or images to split by, and training, "
                    + "validation and test need 4: add some, or make the folders train, val and test yourself.");
            }

            int validation = Math.Max(1, (int)Math.Round(ValidationShare * own.Length));
            int test = Math.Max(1, (int)Math.Round(TestShare * own.Length));
            int[] order = new PlaceRandom(seed, (ulong)stratum.Key, PlaceRandom.PartStream).Shuffled(own.Length);
            foreach ((int place, int n) in order.Index())
            {
                parts[own[n]] = place < validation ? "val" : place < validation + test ? "test" : "train";
            }
        }

        return [.. patients.Select(patient => parts[patient])];
    }

    /// <summary>
    /// A share of the training images, of every class as large and at least 2 (all, where there are fewer). A larger share holds a
    /// smaller one of the same seed.
    /// </summary>
    /// <param name="classOf">Of every training image.</param>
    /// <param name="percent">Above 0, to 100.</param>
    /// <param name="seed">Of the order.</param>
    /// <returns>Numbers of images, ascending.</returns>
    public static int[] Shots(IReadOnlyList<int> classOf, double percent, ulong seed) =>
    [
        .. Enumerable.Range(0, classOf.Count).GroupBy(n => classOf[n]).SelectMany(group =>
        {
            int[] own = [.. group];
            int count = Math.Clamp((int)Math.Round(own.Length * percent / 100), Math.Min(2, own.Length), own.Length);
            return new PlaceRandom(seed, (ulong)group.Key, PlaceRandom.ShotStream).Shuffled(own.Length).Take(count).Select(n => own[n]);
        }).Order(),
    ];
}
