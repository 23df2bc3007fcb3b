namespace GpuSynth.Kernels;

/// <summary>
/// Where a random number stands: seed, sample and stream. Together with an element index it is the whole input of Philox; there is
/// no state. Counter = (block, stream, sample low, sample high), key = (seed low, seed high).
/// </summary>
public readonly record struct RandomPlace
{
    /// <summary>A place in the run of <paramref name="seed"/>.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="sample">Anatomy or appearance index of the sample.</param>
    /// <param name="stream">One of <see cref="Streams"/>; of a component its occurrence in the recipe in bits 16 to 23.</param>
    public RandomPlace(ulong seed, ulong sample, uint stream)
        : this((uint)seed, (uint)(seed >> 32), stream, (uint)sample, (uint)(sample >> 32))
    {
    }

    /// <summary>A place from the words that Philox takes.</summary>
    /// <param name="key0">Low word of the seed.</param>
    /// <param name="key1">High word of the seed.</param>
    /// <param name="counter1">Stream.</param>
    /// <param name="counter2">Low word of the sample.</param>
    /// <param name="counter3">High word of the sample.</param>
    public RandomPlace(uint key0, uint key1, uint counter1, uint counter2, uint counter3)
    {
        Key0 = key0;
        Key1 = key1;
        Counter1 = counter1;
        Counter2 = counter2;
        Counter3 = counter3;
    }

    /// <summary>A further draw of a component for the same elements.</summary>
    /// <param name="part">Which, 1 to 254; 0 is this one. Parts stand in bits 24 to 31 of the stream.</param>
    public RandomPlace Part(uint part) => new(Key0, Key1, Counter1 + (part << 24), Counter2, Counter3);

    /// <summary>Low word of the key.</summary>
    public uint Key0 { get; }

    /// <summary>High word of the key.</summary>
    public uint Key1 { get; }

    /// <summary>Stream.</summary>
    public uint Counter1 { get; }

    /// <summary>Low word of the sample.</summary>
    public uint Counter2 { get; }

    /// <summary>High word of the sample.</summary>
    public uint Counter3 { get; }
}
