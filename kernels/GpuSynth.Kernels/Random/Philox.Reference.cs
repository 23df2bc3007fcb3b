namespace GpuSynth.Kernels;

public static partial class Philox
{
    /// <summary>
    /// Philox4x32-10 as the paper writes it: the key schedule first, then ten rounds on the counter (L0, R0, L1, R1), each
    /// product split into its high and low half.
    /// </summary>
    /// <param name="counter">Four words.</param>
    /// <param name="key">Two words.</param>
    /// <returns>Four words.</returns>
    public static uint[] ReferenceBlock(uint[] counter, uint[] key)
    {
        ArgumentNullException.ThrowIfNull(counter);
        ArgumentNullException.ThrowIfNull(key);
        var roundKeys = new uint[10, 2];
        for (int round = 0; round < 10; round++)
        {
            roundKeys[round, 0] = unchecked(key[0] + ((uint)round * 0x9E3779B9u));
            roundKeys[round, 1] = unchecked(key[1] + ((uint)round * 0xBB67AE85u));
        }

        uint[] state = [.. counter];
        for (int round = 0; round < 10; round++)
        {
            ulong first = state[0] * 0xD2511F53ul;
            ulong second = state[2] * 0xCD9E8D57ul;
            uint firstHigh = (uint)(first / 0x100000000ul);
            uint firstLow = (uint)(first % 0x100000000ul);
            uint secondHigh = (uint)(second / 0x100000000ul);
            uint secondLow = (uint)(second % 0x100000000ul);
            state = [secondHigh ^ state[1] ^ roundKeys[round, 0], secondLow, firstHigh ^ state[3] ^ roundKeys[round, 1],
                firstLow];
        }

        return state;
    }
}
