namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// Turns the numbers in label maps into bytes while the files are read, before all labels are known: codes are classes where the
/// data set names its labels; else small numbers are their own codes, others take free ones, and <see cref="Finish"/> says which
/// classes they are.
/// </summary>
internal sealed class LabelCoder
{
    private readonly LabelClasses? known;
    private readonly Dictionary<int, byte> codes = [];
    private readonly HashSet<int> ignored;
    private readonly bool[] isTaken = new bool[LabelClasses.MostClasses];

    /// <param name="known">The labels that the data set names; null: those of the training cases.</param>
    /// <param name="ignoredNumber">A number that is left out, besides those that the data set names.</param>
    public LabelCoder(LabelClasses? known, int? ignoredNumber)
    {
        ignored = [.. known?.IgnoredNumbers ?? []];
        if (ignoredNumber is { } number)
        {
            ignored.Add(number);
        }

        if (known is not null)
        {
            this.known = new LabelClasses(known.Numbers.Zip(known.Names, KeyValuePair.Create), ignored);
        }

        foreach (int named in this.known?.Numbers ?? [0])
        {
            isTaken[codes.Count] = true;
            codes.Add(named, (byte)codes.Count);
        }

        foreach (int left in ignored)
        {
            codes[left] = LabelClasses.Ignored;
        }
    }

    /// <summary>The codes of a label map.</summary>
    /// <param name="numbers">As the file means them.</param>
    /// <param name="path">The file.</param>
    /// <param name="found">Is given the numbers in it, those that are left out not among them.</param>
    public byte[] Encode(ReadOnlySpan<int> numbers, string path, out IReadOnlySet<int> found)
    {
        byte[] bytes = new byte[numbers.Length];
        var seen = new HashSet<int>();
        // Labels come in runs: a look into the tables only where the number changes.
        (int last, byte code) = (0, 0);
        bool isFirst = true;
        for (int n = 0; n < bytes.Length; n++)
        {
            if (isFirst || numbers[n] != last)
            {
                (isFirst, last) = (false, numbers[n]);
                code = CodeOf(last, path);
                seen.Add(last);
            }

            bytes[n] = code;
        }

        seen.ExceptWith(ignored);
        found = seen;
        return bytes;
    }

    /// <summary>The classes, once every case was read.</summary>
    /// <param name="cases">The files and the numbers of every case, those of the training first.</param>
    /// <param name="training">How many are for training.</param>
    /// <param name="classOf">Is given the class of every code.</param>
    public LabelClasses Finish(
        IReadOnlyList<(CaseFiles Files, IReadOnlySet<int> Numbers)> cases, int training, out byte[] classOf)
    {
        int[] trained = [.. cases.Take(training).SelectMany(static one => one.Numbers).Distinct().Order()];
        if (!trained.Any(static number => number != 0))
        {
            throw new DatasetException(
                $"None of the {training} training cases holds a labelled voxel, '{cases[0].Files.LabelPath}' first; "
                + "check that these are the right label maps, or change the split.");
        }

        LabelClasses classes = known ?? new LabelClasses(
            trained.Select(static number => KeyValuePair.Create(number, LabelClasses.NameOf(number))), ignored);
        var index = classes.Numbers.Select(static (number, at) => (number, at)).ToDictionary();
        classOf = [.. Enumerable.Range(0, 256).Select(static code => (byte)code)];
        foreach ((int number, byte code) in codes)
        {
            classOf[code] = index.TryGetValue(number, out int at) ? (byte)at : code;
        }

        foreach ((CaseFiles files, IReadOnlySet<int> numbers) in cases)
        {
            int[] unknown = [.. numbers.Where(number => !index.ContainsKey(number)).Order().Take(1)];
            if (unknown.Length > 0)
            {
                throw new DatasetException(
                    $"'{files.LabelPath}' holds the label {unknown[0]}, and the training cases only "
                    + $"{LabelClasses.Listed(classes.Numbers)}; correct it, move the case into the training, or leave the label "
                    + $"out (--ignore-label {unknown[0]}).");
            }
        }

        return classes;
    }

    private byte CodeOf(int number, string path)
    {
        if (codes.TryGetValue(number, out byte code))
        {
            return code;
        }

        string way = $"leave it out (--ignore-label {number})";
        if (known is not null)
        {
            throw new DatasetException(
                $"'{path}' holds the label {number}, and {DatasetDescription.FileName} names the labels "
                + $"{LabelClasses.Listed(known.Numbers)}; correct the one or the other, or {way}.");
        }

        if (number < 0)
        {
            throw new DatasetException($"'{path}' holds the label {number}, and labels count from 0; renumber it, or {way}.");
        }

        int free = number < isTaken.Length && !isTaken[number] ? number : Array.LastIndexOf(isTaken, false);
        if (free < 0)
        {
            throw new DatasetException(
                $"'{path}' holds the label {number}, one more than the {LabelClasses.MostClasses} labels that a network is "
                + "trained on; check that it is a label map, or merge labels.");
        }

        isTaken[free] = true;
        return codes[number] = (byte)free;
    }
}
