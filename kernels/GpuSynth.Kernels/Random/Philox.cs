namespace GpuSynth.Kernels;

/// <summary>Philox4x32-10: random bits as a function of a counter and a key. Source: Salmon et al., SC 2011.</summary>
public static partial class Philox
{
    /// <summary>Four random words of one counter under one key.</summary>
    public static (uint X, uint Y, uint Z, uint W) Block(
        uint counter0, uint counter1, uint counter2, uint counter3, uint key0, uint key1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)0xD2511F53u * counter0;
            ulong product1 = (ulong)0xCD9E8D57u * counter2;
            counter0 = (uint)(product1 >> 32) ^ counter1 ^ key0;
            counter1 = (uint)product1;
            counter2 = (uint)(product0 >> 32) ^ counter3 ^ key1;
            counter3 = (uint)product0;
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }

        return (counter0, counter1, counter2, counter3);
    }
}
