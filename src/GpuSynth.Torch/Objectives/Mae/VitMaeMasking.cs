using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Which patches of a batch an encoder sees: of every item as many, at random. Token t has a number u of U(0, 1) of its item's place; in the
/// order of u the first are kept, and the others hidden. He et al., "Masked autoencoders are scalable vision learners", 2022.
/// </summary>
internal sealed class VitMaeMasking
{
    /// <summary>The share of patches that are hidden.</summary>
    public const double HiddenShare = 0.75;

    /// <param name="orders">The patches of every item in its order, all of the same number.</param>
    /// <param name="kept">How many of each are kept.</param>
    /// <param name="device">Where the tensors are.</param>
    public VitMaeMasking(IReadOnlyList<int[]> orders, int kept, Device device)
    {
        int count = orders[0].Length;
        long[] seen = [.. orders.SelectMany(order => order.Take(kept)).Select(static patch => (long)patch)];
        long[] places = new long[orders.Count * count];
        float[] hidden = new float[places.Length];
        for (int item = 0; item < orders.Count; item++)
        {
            for (int place = 0; place < count; place++)
            {
                int at = (item * count) + orders[item][place];
                places[at] = place;
                hidden[at] = place < kept ? 0 : 1;
            }
        }

        Kept = Made(tensor(seen, [orders.Count, kept]), device);
        Places = Made(tensor(places, [orders.Count, count]), device);
        Hidden = Made(tensor(hidden, [orders.Count, count]), device);
    }

    /// <summary>int64 [B, kept]: the patches that are seen.</summary>
    public Tensor Kept { get; }

    /// <summary>int64 [B, L]: the place of every patch in its item's order.</summary>
    public Tensor Places { get; }

    /// <summary>float32 [B, L]: 1 of a patch that is hidden, 0 of one that is seen.</summary>
    public Tensor Hidden { get; }

    /// <summary>How many of so many patches are kept.</summary>
    public static int KeptOf(long patches) => (int)(patches * (1 - HiddenShare));

    /// <summary>The masking of a step; its tensors are the caller's scope's.</summary>
    public static VitMaeMasking Draw(ObjectiveStep step, int patches, Device device) => new(
        [.. step.Random(PlaceRandom.MaskStream).Select(random => Order(random, patches))], KeptOf(patches), device);

    private static int[] Order(PlaceRandom random, int patches)
    {
        float[] numbers = new float[patches];
        for (int patch = 0; patch < patches; patch++)
        {
            numbers[patch] = random.Uniform();
        }

        return [.. Enumerable.Range(0, patches).OrderBy(patch => numbers[patch])];
    }

    private static Tensor Made(Tensor onHost, Device device)
    {
        using (onHost)
        {
            return onHost.to(device);
        }
    }
}
