using System.Globalization;

namespace GpuSynth.Kernels;

/// <summary>Two stored label values that are each other's on the other side of the body.</summary>
/// <param name="Left">On the left side.</param>
/// <param name="Right">On the right side.</param>
public readonly record struct LabelPair(int Left, int Right)
{
    /// <summary>"[2, 41]".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Left}, {Right}]");
}

/// <summary>Which stored label values have a partner on the other side of the body: a list of pairs, or FreeSurfer's numbers.</summary>
public sealed record LateralPairs
{
    /// <summary>A label of the left side, see <see cref="Sides"/>.</summary>
    public const byte Left = 1;

    /// <summary>A label of the right side.</summary>
    public const byte Right = 2;

    /// <summary>What FreeSurfer's numbers are called in a recipe.</summary>
    public const string FreeSurferName = "freesurfer";

    private LateralPairs(ValueList<LabelPair> pairs, bool isFreeSurfer) => (Pairs, IsFreeSurfer) = (pairs, isFreeSurfer);

    /// <summary>The numbers of FreeSurfer's aseg, aparc+aseg and wmparc: see <see cref="FreeSurferLabels"/>.</summary>
    public static LateralPairs FreeSurfer { get; } = new([], isFreeSurfer: true);

    /// <summary>No value has a side.</summary>
    public static LateralPairs None { get; } = new([], isFreeSurfer: false);

    /// <summary>The pairs; empty of <see cref="FreeSurfer"/>.</summary>
    public ValueList<LabelPair> Pairs { get; }

    /// <summary>Whether the pairs are FreeSurfer's.</summary>
    public bool IsFreeSurfer { get; }

    /// <summary>A list of pairs.</summary>
    /// <param name="pairs">Each value at most once.</param>
    public static LateralPairs Of(params ReadOnlySpan<LabelPair> pairs) => new(ValueList.Create(pairs), isFreeSurfer: false);

    /// <summary>The value on the other side, or null of a value that has no side.</summary>
    /// <param name="value">A stored value.</param>
    public int? PartnerOf(int value)
    {
        if (IsFreeSurfer)
        {
            return FreeSurferLabels.PartnerOf(value);
        }

        foreach (LabelPair pair in Pairs)
        {
            if (pair.Left == value || pair.Right == value)
            {
                return pair.Left == value ? pair.Right : pair.Left;
            }
        }

        return null;
    }

    /// <summary>The side of every label: <see cref="Left"/>, <see cref="Right"/>, or 0 of one that has none or values of both.</summary>
    /// <param name="sourceValues">For every label, the stored values that became it.</param>
    public byte[] Sides(IReadOnlyList<int[]> sourceValues)
    {
        ArgumentNullException.ThrowIfNull(sourceValues);
        return [.. sourceValues.Select(values => values.Select(SideOf).Distinct().ToArray() is [byte side] ? side : (byte)0)];
    }

    private byte SideOf(int value)
    {
        bool isLeft = IsFreeSurfer ? FreeSurferLabels.IsLeft(value) : Pairs.Any(pair => pair.Left == value);
        return isLeft ? Left : PartnerOf(value) is null ? (byte)0 : Right;
    }

    /// <summary>As in a recipe: "freesurfer", "[[2, 41], [3, 42]]".</summary>
    public override string ToString() => IsFreeSurfer ? FreeSurferName : Pairs.ToString();
}
