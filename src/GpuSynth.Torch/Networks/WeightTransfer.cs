namespace GpuSynth.Torch.Networks;

/// <summary>What became of a network's state when weights of another network were copied into it.</summary>
/// <param name="Copied">Names whose shapes were equal: they hold the other's values now.</param>
/// <param name="Missing">Names that the other network does not have: they keep their values.</param>
/// <param name="Mismatched">Names whose shapes differ: they keep their values.</param>
public sealed record WeightTransfer(
    IReadOnlyList<string> Copied, IReadOnlyList<string> Missing, IReadOnlyList<string> Mismatched)
{
    /// <summary>Of the copied ones those that were of one input channel, and were repeated for every channel.</summary>
    public IReadOnlyList<string> Repeated { get; init; } = [];

    /// <summary>"100 of 104 tensors copied; new: head.weight, head.bias".</summary>
    public override string ToString()
    {
        string[] fresh = [.. Missing, .. Mismatched];
        string rest = fresh.Length == 0 ? string.Empty : $"; new: {string.Join(", ", fresh)}";
        string repeated = Repeated.Count == 0 ? string.Empty : $"; for every channel: {string.Join(", ", Repeated)}";
        return $"{Copied.Count} of {Copied.Count + fresh.Length} tensors copied{repeated}{rest}";
    }
}
