namespace GpuSynth;

/// <summary>
/// What a seed means: it rises when the same recipe, size and seed make other samples on the host, and what has been made by another one is
/// never continued.
/// </summary>
/// <remarks>
/// 1: all samples before the number was written down. 2: a bias field keeps its sign, and no sample is drawn again. 3: both sides of
/// lateral pairs have one intensity. 4: images that are slices of label maps stand upright (see CHANGELOG.md).
/// </remarks>
public static class SampleVersion
{
    /// <summary>That of the samples that this version makes.</summary>
    public const int Current = 4;

    /// <summary>What a record without the number was made by.</summary>
    public const int Unwritten = 1;
}
