using GpuSynth.Kernels;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Which sample a view of item n is: the key (a n + b, c n + d) of anatomy and appearance. So (n, 2n) and (n, 2n + 1) are one anatomy in two
/// appearances that no other item has, and (2n, n) and (2n + 1, n) are two anatomies in one appearance.
/// </summary>
/// <param name="AnatomyTimes">a.</param>
/// <param name="AnatomyPlus">b.</param>
/// <param name="AppearanceTimes">c.</param>
/// <param name="AppearancePlus">d.</param>
/// <param name="IsClean">Whether it is made without what takes away from an image (<see cref="Recipes.Recipe.Clean"/>).</param>
public readonly record struct ObjectiveView(
    int AnatomyTimes, int AnatomyPlus, int AppearanceTimes, int AppearancePlus, bool IsClean = false)
{
    /// <summary>What makes it in place of the run's recipe; null: the run's recipe does, clean or as it is.</summary>
    public ViewRecipe? Recipe { get; init; }

    /// <summary>The ordinary sample: (n, n).</summary>
    public static ObjectiveView Sample { get; } = new(1, 0, 1, 0);

    /// <summary>The first of two appearances of one anatomy: (n, 2n).</summary>
    public static ObjectiveView FirstAppearance { get; } = new(1, 0, 2, 0);

    /// <summary>The second: (n, 2n + 1).</summary>
    public static ObjectiveView SecondAppearance { get; } = new(1, 0, 2, 1);

    /// <summary>The key of an item.</summary>
    public SampleKey KeyOf(long item)
    {
        ulong n = (ulong)item;
        return new SampleKey(
            unchecked(((ulong)AnatomyTimes * n) + (ulong)AnatomyPlus), unchecked(((ulong)AppearanceTimes * n) + (ulong)AppearancePlus));
    }

    /// <summary>The keys of whole batches, one view behind the other in each: what a ring is given.</summary>
    /// <param name="views">The views.</param>
    /// <param name="batch">Items of a batch.</param>
    /// <param name="order">Which items there are; null: all.</param>
    internal static Func<long, SampleKey> KeysOf(IReadOnlyList<ObjectiveView> views, int batch, ItemOrder? order = null)
    {
        ObjectiveView[] all = [.. views];
        long ofBatch = (long)batch * all.Length;
        return sample =>
        {
            long item = (sample / ofBatch * batch) + (sample % batch);
            return all[(int)(sample % ofBatch / batch)].KeyOf(order?.Of(item) ?? item);
        };
    }
}
