namespace GpuSynth.Kernels;

/// <summary>
/// What the labels of a recipe's samples mean: those of one kind are told apart by nothing but their numbers. An anatomy says which of its labels
/// are of one kind (<see cref="IAnatomyComponent.KindTable"/>), and labels that intensities are drawn for by different laws are of different kinds.
/// </summary>
/// <remarks>
/// Where several anatomies give a label, it is of one kind with what any of them draws alike; labels of label maps mean something until
/// <see cref="IAnatomyComponent.MixesNames"/>.
/// </remarks>
public static class LabelKinds
{
    /// <summary>The lowest target of the same kind of every target, <see cref="LabelTables.TargetCount"/> of them.</summary>
    /// <param name="anatomies">The recipe's anatomies, in their order.</param>
    /// <param name="appearance">What intensities are made by.</param>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="mapLabels">Labels of the label maps; 0 where there are none.</param>
    public static int[] Of(IReadOnlyList<Component> anatomies, IReadOnlyList<Component> appearance, VolumeShape shape, int mapLabels = 0)
    {
        ArgumentNullException.ThrowIfNull(anatomies);
        ArgumentNullException.ThrowIfNull(appearance);
        IAnatomyComponent[] all = [.. anatomies.Cast<IAnatomyComponent>().Where(static one => one.Inside is null)];
        int[] firsts = new int[all.Length];
        int count = 0;
        for (int at = 0; at < all.Length; at++)
        {
            int lifted = all.Skip(at + 1).Count(static one => one.LiftsLabels);
            firsts[at] = lifted + (all[at].AddsLabels ? count : 0);
            count = all[at].LabelsWith(count, all[at].NeedsLabelMaps ? mapLabels : all[at].LabelCount(shape, null));
        }

        int[] kinds = [.. Enumerable.Range(0, count)];
        for (int at = 0; at < all.Length; at++)
        {
            int[] own = all[at].KindTable(shape) ?? [];
            for (int label = 0; label < own.Length; label++)
            {
                (int one, int other) = (firsts[at] + own[label], firsts[at] + label);
                if (!IsOfMap(one) && !IsOfMap(other))
                {
                    Join(kinds, kinds[one], kinds[other]);
                }
            }
        }

        int[] drawn =
        [
            .. kinds.Select((kind, target) => Enumerable.Range(0, target + 1).First(
                other => kinds[other] == kind && appearance.All(component => component.DrawsAlike(other, target)))),
        ];

        // Whatever intensities they were drawn with: a label goes by another's name.
        for (int at = 0; at < all.Length; at++)
        {
            for (int label = 2; all[at].MixesNames && label < firsts[at]; label++)
            {
                Join(drawn, drawn[1], drawn[label]);
            }
        }

        return drawn;

        bool IsOfMap(int target) => Enumerable.Range(0, all.Length).Any(
            at => all[at].NeedsLabelMaps && target >= firsts[at] && target < firsts[at] + mapLabels);
    }

    private static void Join(int[] kinds, int one, int other)
    {
        (int low, int high) = (Math.Min(one, other), Math.Max(one, other));
        for (int n = 0; n < kinds.Length; n++)
        {
            kinds[n] = kinds[n] == high ? low : kinds[n];
        }
    }
}
