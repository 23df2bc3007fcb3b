using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli;
using GpuSynth.Recipes;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>Everything that the sources have to time, in rounds.</summary>
internal static class KernelSuite
{
    /// <summary>
    /// Each goes through everything: with as many in both of two runs, rounds that all lie apart are no chance
    /// (<see cref="KernelComparison"/>).
    /// </summary>
    public const int Rounds = 5;

    /// <summary>What there is to time: components first, the whole sample's passes and the kernels behind them.</summary>
    /// <param name="options">Device, recipe, shape, threads, batch, label maps.</param>
    /// <param name="filter">Parts of names or kinds, in any case, with commas between them; empty for all.</param>
    /// <exception cref="WrongUseException">A part of the filter is in no name.</exception>
    public static IReadOnlyList<BenchmarkEntry> Find(EngineOptions options, string filter)
    {
        BenchmarkEntry[] all =
        [
            .. typeof(IBenchmarkSource).Assembly.GetTypes()
                .Where(static type => type.IsAssignableTo(typeof(IBenchmarkSource)) && type.IsClass)
                .SelectMany(type => ((IBenchmarkSource)Activator.CreateInstance(type)!).Entries(options))
                .OrderBy(static entry => entry.Kind),
        ];
        string[] parts = filter.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string part in parts)
        {
            if (!all.Any(entry => Contains(entry, part)))
            {
                Array.ForEach(all, static entry => entry.Dispose());
                string[] names = [.. all.Select(static entry => entry.Name).Distinct()];
                string guess = NearestName.Of(part, names) is { } nearest ? $"; did you mean {nearest}? There are" : "; there are";
                throw new WrongUseException(
                    $"--filter: nothing on {options.Device} has '{part}' in its name{guess} {string.Join(", ", names)}.");
            }
        }

        return parts.Length == 0 ? all : [.. all.Where(entry => parts.Any(part => Contains(entry, part)))];
    }

    /// <summary>Times entries.</summary>
    /// <param name="entries">From <see cref="Find"/>.</param>
    /// <param name="begun">The run, with what the machine can do at most: measured again behind every round, for the best counts.</param>
    /// <param name="threads">Threads that share the work.</param>
    /// <param name="progress">Called before each timing with what comes next.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="GpuSynthException">Something gives wrong results: its time would be worthless.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Report<KernelResult> Run(
        IReadOnlyList<BenchmarkEntry> entries,
        Report<KernelResult> begun,
        int threads,
        Action<string> progress,
        CancellationToken stop)
    {
        using var crew = new ThreadCrew(threads);
        List<double[]>[] rounds = [.. entries.Select(static _ => new List<double[]>())];
        List<double>[] peaks = [.. entries.Select(static _ => new List<double>())];
        bool isHost = begun.Ceilings.Count > 0;
        for (int round = 0; round <= Rounds; round++)
        {
            string what = round == 0 ? "warming up" : $"round {round} of {Rounds}";
            for (int n = 0; n < entries.Count; n++)
            {
                stop.ThrowIfCancellationRequested();
                progress($"{what}, {n + 1} of {entries.Count}: {entries[n].Name}");
                double before = isHost ? MultiplyAddChain.GigaflopsNow(crew) : 0;
                double[] times = [.. entries[n].TimeRound(round, crew, stop)];
                if (round > 0)
                {
                    rounds[n].Add(times);
                    peaks[n].Add(isHost ? (before + MultiplyAddChain.GigaflopsNow(crew)) / 2 : 0);
                }
            }

            progress($"{what}: what the machine can do at most");
            begun = begun with
            {
                Ceilings = [.. begun.Ceilings.Select(best => best.Best(ThreadCeilings.Measure(begun.Caches, best.Threads)))],
            };
        }

        return begun with
        {
            Results =
            [
                .. entries.Select((entry, n) => entry.Complete(
                    new KernelResult(entry.Kind, entry.Name, entry.Shape.ToString(), entry.Shape.VoxelCount, rounds[n])
                    {
                        Available = isHost ? [.. peaks[n].Select(peak => Math.Min(1, peak / begun.Ceilings[0].Gigaflops))] : null,
                    },
                    begun)),
            ],
        };
    }

    private static bool Contains(BenchmarkEntry entry, string part) =>
        entry.Name.Contains(part, StringComparison.OrdinalIgnoreCase)
        || entry.Kind.ToString().Contains(part, StringComparison.OrdinalIgnoreCase);
}
