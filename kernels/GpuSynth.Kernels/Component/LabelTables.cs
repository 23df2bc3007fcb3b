using System.Globalization;

namespace GpuSynth.Kernels;

/// <summary>
/// The labels of a run. Those that samples are given with, the targets, run from 0; behind them stand the labels of anatomies that are drawn
/// inside others' labels, which intensities are made of and whose target is the label that they lie in, and those of air, whose target is 0. An anatomy that lifts labels makes those of
/// the anatomies before it one higher, in every sample; keys name labels as they are where the key stands.
/// </summary>
public sealed class LabelTables
{
    /// <summary>The most labels that intensities are made of: a label is a byte.</summary>
    public const int Most = 256;

    private readonly byte[] targets;
    private readonly int[] firsts;
    private readonly HashSet<int> airs = [];
    private readonly InnerLabels?[] inner;
    private readonly byte[]?[] tissues;
    private readonly byte[]?[] mirrors;

    private LabelTables(int targetCount, byte[] targets, int[] firsts, InnerLabels?[] inner, byte[]?[] tissues) =>
        (TargetCount, this.targets, this.firsts, this.inner, this.tissues, mirrors) =
            (targetCount, targets, firsts, inner, tissues, new byte[]?[firsts.Length]);

    /// <summary>
    /// The side of every target, <see cref="LateralPairs.Sides"/>, by the first anatomy that knows it; null where none does.
    /// </summary>
    public byte[]? Sides { get; private init; }

    /// <summary>Labels that samples are given with.</summary>
    public int TargetCount { get; }

    /// <summary>Labels that intensities are made of, at least as many.</summary>
    public int Count => targets.Length;

    /// <summary>The target of every label.</summary>
    public ReadOnlySpan<byte> Targets => targets;

    /// <summary>The labels of a recipe.</summary>
    /// <param name="anatomies">Its anatomies, in their order.</param>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="maps">The label maps; null where no anatomy needs any.</param>
    /// <exception cref="ArgumentException">
    /// An anatomy names a label that is not there, or there are more than <see cref="Most"/>; the message names the place in the recipe.
    /// </exception>
    public static LabelTables Of(IReadOnlyList<Component> anatomies, VolumeShape shape, ILabelMaps? maps)
    {
        ArgumentNullException.ThrowIfNull(anatomies);
        IAnatomyComponent[] all = [.. anatomies.Cast<IAnatomyComponent>()];
        // Labels that are added stand behind those of all anatomies before, whichever a sample has: a label means the same in every sample.
        int[] firsts = new int[all.Length];
        int targetCount = 0;
        for (int at = 0; at < all.Length; at++)
        {
            firsts[at] = all[at].AddsLabels ? targetCount : 0;
            targetCount = With(targetCount, all[at], shape, maps);
        }

        List<byte> targets = [.. Enumerable.Range(0, targetCount).Select(static label => (byte)label)];
        var inner = new InnerLabels?[all.Length];
        for (int at = 0; at < all.Length; at++)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"anatomy[{at}].{anatomies[at].Name}");
            if (all[at].MakesAir)
            {
                firsts[at] = FirstOfAir(targets, place);
            }

            if (all[at].Inside is not { } values)
            {
                continue;
            }

            string path = $"{place}.inside";
            byte[] outer = OuterLabels(values, all.AsSpan(0, at), shape, maps, path);
            int own = all[at].LabelCount(shape, maps);
            if (targets.Count + (own * outer.Length) > Most)
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: {own} labels inside each of {outer.Length} are {targets.Count + (own * outer.Length)} with the {targets.Count} before them, and there are at most {Most}; draw fewer labels, or inside fewer."));
            }

            int lift = LiftBehind(all, at);
            inner[at] = new InnerLabels(targets.Count, own, outer, lift, [.. inner.OfType<InnerLabels>()]);
            firsts[at] = all[at].Covers ? firsts[at] : targets.Count;
            targets.AddRange(inner[at]!.Targets.SelectMany(label => Enumerable.Repeat(label, own)));
        }

        byte[]?[] tissues = new byte[]?[all.Length];
        for (int at = 0; at < all.Length; at++)
        {
            tissues[at] = TissuesOf(anatomies[at], at, maps, targets.Count, LiftBehind(all, at), inner);
        }

        var tables = new LabelTables(targetCount, [.. targets], firsts, inner, tissues) { Sides = SidesOf(all, targetCount, maps) };
        for (int at = 0; at < all.Length; at++)
        {
            tables.mirrors[at] = all[at].Mirrors ? tables.MirrorOf(all, at, maps) : null;
            if (all[at].MakesAir)
            {
                tables.airs.Add(firsts[at]);
            }
        }

        return tables;
    }

    // By the last anatomy before it whose labels have sides, and as the labels are where it stands: lower by those that lift labels behind it.
    private byte[]? MirrorOf(IAnatomyComponent[] all, int at, ILabelMaps? maps)
    {
        int known = Array.FindLastIndex(all, at, static one => one is { Hides: true, SidePairs: not null });
        if (known < 0)
        {
            return null;
        }

        byte[] exchange = maps!.Exchange(all[known].SidePairs!);
        (int lift, int liftHere) = (LiftBehind(all, known), LiftBehind(all, at));
        float[] table = [.. Enumerable.Range(0, Count).Select(static label => (float)label)];
        for (int label = 0; label < maps.LabelCount; label++)
        {
            table[label + lift] = exchange[label] + lift;
        }

        Follow(table.AsSpan(0, TargetCount), table);
        return
        [
            .. Enumerable.Range(0, Most).Select(label =>
            {
                int own = label < TargetCount ? label + liftHere : label;
                return own >= Count || (label < TargetCount && own >= TargetCount) ? (byte)label
                    : (byte)(table[own] < TargetCount ? table[own] - liftHere : table[own]);
            }),
        ];
    }

    // Labels that no map holds have no side.
    private static byte[]? SidesOf(IAnatomyComponent[] all, int targetCount, ILabelMaps? maps)
    {
        int at = Array.FindIndex(all, static one => one.SidePairs is not null);
        if (at < 0)
        {
            return null;
        }

        byte[] sides = new byte[targetCount];
        all[at].SidePairs!.Sides(maps!.SourceValues).CopyTo(sides, LiftBehind(all, at));
        return sides;
    }

    /// <summary>
    /// Where targets become others, labels inside them go with them: into their like inside the other, where the anatomy is drawn there too, else
    /// into the other itself. Nothing lifts labels any more where this is asked.
    /// </summary>
    /// <param name="becomes">What targets become, from 0 on.</param>
    /// <param name="table">What every label becomes; those of labels inside others are written.</param>
    public void Follow(ReadOnlySpan<float> becomes, Span<float> table)
    {
        foreach (InnerLabels? one in inner)
        {
            for (int outer = 0; outer < one?.Targets.Length; outer++)
            {
                byte old = one.Targets[outer];
                byte target = old < becomes.Length ? (byte)becomes[old] : old;
                int like = one.Targets.AsSpan().IndexOf(target);
                for (int own = 0; own < one.OwnCount; own++)
                {
                    table[one.First + (outer * one.OwnCount) + own] = like < 0 ? target : one.First + (like * one.OwnCount) + own;
                }
            }
        }
    }

    /// <summary>
    /// The first of an anatomy's labels: 0, or behind those of the anatomies before it, where it adds some. Of a part that is drawn inside others' labels the first
    /// there: it paints with those of the first of these, and what it has painted is then put where it belongs.
    /// </summary>
    /// <param name="anatomy">Its place among the anatomies.</param>
    public int First(int anatomy) => firsts[anatomy];

    /// <summary>The labels of an anatomy that is drawn inside others' labels; null of another.</summary>
    /// <param name="anatomy">Its place among the anatomies.</param>
    public InnerLabels? Inner(int anatomy) => inner[anatomy];

    /// <summary>Whether a label is that of air where an anatomy has cut something away.</summary>
    /// <param name="label">A label that intensities are made of.</param>
    public bool IsAir(int label) => airs.Contains(label);

    /// <summary>What each of 256 labels becomes in a mirror, of an anatomy that mirrors those before it; null where no label has a side.</summary>
    /// <param name="anatomy">Its place among the anatomies.</param>
    public byte[]? Mirror(int anatomy) => mirrors[anatomy];

    /// <summary>The tissue of every label, the lowest label of the same, in the samples that an anatomy decides; null where each is its own.</summary>
    /// <param name="anatomy">Its place among the anatomies.</param>
    public byte[]? Tissues(int anatomy) => tissues[anatomy];

    private static int FirstOfAir(List<byte> targets, string place)
    {
        if (targets.Count == Most)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"{place}: the air where something is cut away is one more label than the {Most} that there are at most; draw fewer labels, or set ownAir: false."));
        }

        targets.Add(0);
        return targets.Count - 1;
    }

    // Those that are drawn inside others are no targets.
    private static int With(int before, IAnatomyComponent anatomy, VolumeShape shape, ILabelMaps? maps) =>
        anatomy.Inside is null ? anatomy.LabelsWith(before, anatomy.LabelCount(shape, maps)) : before;

    // How much higher a sample's labels are in the end than those of an anatomy and the ones before it.
    private static int LiftBehind(IAnatomyComponent[] all, int at) => all.Skip(at + 1).Count(static one => one.LiftsLabels);

    // Of label maps the labels are named by stored values, as in all other keys; of anatomies alone by themselves.
    private static byte[] OuterLabels(
        ValueList<int> values, ReadOnlySpan<IAnatomyComponent> before, VolumeShape shape, ILabelMaps? maps, string path)
    {
        int count = 0;
        bool areStored = false;
        foreach (IAnatomyComponent one in before)
        {
            count = With(count, one, shape, maps);
            areStored |= one.NeedsLabelMaps;
        }

        var labels = new SortedSet<byte>();
        foreach (int value in values)
        {
            int label = !areStored ? value : Enumerable.Range(0, maps!.SourceValues.Count).FirstOrDefault(one => maps.SourceValues[one].Contains(value), -1);
            if (label < 0 || label >= count)
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: {(areStored ? "no label map holds the value" : "the anatomies before it have no label")} {value}; {There(areStored, count, maps)}"));
            }

            labels.Add((byte)label);
        }

        return [.. labels];
    }

    private static string There(bool areStored, int count, ILabelMaps? maps)
    {
        const int shown = 20;
        if (!areStored)
        {
            return string.Create(CultureInfo.InvariantCulture, $"their labels are 0 to {count - 1}.");
        }

        int[] values = [.. maps!.SourceValues.SelectMany(static one => one).Order()];
        return $"they hold {string.Join(", ", values.Take(shown).Select(static value => value.ToString(CultureInfo.InvariantCulture)))}"
            + (values.Length > shown ? ", ..." : ".");
    }

    // Labels inside two labels of one tissue are one tissue too, each with its like.
    private static byte[]? TissuesOf(Component anatomy, int at, ILabelMaps? maps, int count, int lift, InnerLabels?[] inner)
    {
        byte[]? own;
        try
        {
            own = ((IAnatomyComponent)anatomy).TissueTable(maps);
        }
        catch (ArgumentException error)
        {
            string sentence = error.ParamName is null ? error.Message : error.Message.Split(" (Parameter", 2)[0];
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"anatomy[{at}].{anatomy.Name}.{sentence}."), error);
        }

        if (own is null)
        {
            return null;
        }

        byte[] table = [.. Enumerable.Range(0, count).Select(
            label => label >= lift && label < own.Length + lift ? (byte)(own[label - lift] + lift) : (byte)label)];
        foreach (InnerLabels one in inner.OfType<InnerLabels>())
        {
            for (int outer = 0; outer < one.Targets.Length; outer++)
            {
                int first = Array.FindIndex(one.Targets, label => table[label] == table[one.Targets[outer]]);
                for (int label = 0; label < one.OwnCount; label++)
                {
                    table[one.First + (outer * one.OwnCount) + label] = (byte)(one.First + (first * one.OwnCount) + label);
                }
            }
        }

        return table;
    }
}
