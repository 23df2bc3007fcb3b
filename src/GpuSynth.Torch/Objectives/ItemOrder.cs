namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Which items a run is made of that has so many and no more: all of them in their order, then all of them again, in an order of its own each time.
/// A function of seed and number: a run that is resumed has the same.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="distinct">How many there are.</param>
internal sealed class ItemOrder(ulong seed, int distinct)
{
    private long known = -1;
    private int[] order = [];

    /// <summary>The item in the place of one of a run without end. From one thread at a time.</summary>
    public long Of(long item)
    {
        long round = item / distinct;
        if (round > 0 && round != known)
        {
            (known, order) = (round, new PlaceRandom(seed, (ulong)round, PlaceRandom.RoundStream).Shuffled(distinct));
        }

        int place = (int)(item % distinct);
        return round == 0 ? place : order[place];
    }
}
