using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// QuantileRange: y = (I - a) / (b - a), a and b two quantiles of the sample, not clamped.
//   The quantiles are those of a histogram of 4,096 equal bins between the smallest and the largest intensity, linear in a bin. Counts are whole numbers, so that
//   the order of voxels, threads and groups is nothing to them; bins and quantiles are the same sequence of float operations on every lane.

/// <summary>
/// Intensities such that two quantiles of the sample become 0 and 1: a few very bright or dark voxels, which decide what normalise does, count little. Nothing is
/// clamped. Where both quantiles lie in one bin, because hardly a voxel differs from the rest, the smallest and the largest intensity take their place; an image of one
/// intensity, to within rounding (2^-18 of it), becomes 0. Source: cornucopia's QuantileTransform (1 % and 99 %); I. Nyul, J. Udupa, MRM 42 (1999) 1072.
/// </summary>
/// <param name="Low">The quantile that becomes 0, drawn once, 0 to 0.49.</param>
/// <param name="High">The quantile that becomes 1, drawn once, 0.51 to 1.</param>
[Component(
    "quantileRange",
    75,
    Source = "cornucopia",
    Says = "Two quantiles of the sample become 0 and 1; nothing is clamped.",
    Example = "noise: { stdOfMaximum: 0.3 }\nquantileRange: { low: 0.05, high: 0.95 }")]
public sealed record QuantileRange(
    [property: Allowed(0, 0.49, Says = "Quantile that becomes 0, drawn once. cornucopia: 0.01.")]
    [property: Absent(0.01)]
    Law Low,
    [property: Allowed(0.51, 1, Says = "Quantile that becomes 1, drawn once. cornucopia: 0.99.")]
    [property: Absent(0.99)]
    Law High)
    : Component<QuantileRange.Drawn>, IStageComponent
{
    /// <summary>Bins of the histogram.</summary>
    internal const int Bins = 1 << 12;

    /// <inheritdoc/>
    public bool ReadsFar => true;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Low = drawing.Number(Low, 0), High = drawing.Number(High, 1) };

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.IsLeftOut = 1;

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new QuantileRangeHostStage(in place);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) => new QuantileRangeDeviceStage(place);

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>The quantile that becomes 0.</summary>
        [Recorded("quantileRangeLow")]
        public float Low;

        /// <summary>The quantile that becomes 1.</summary>
        [Recorded("quantileRangeHigh")]
        public float High;

        /// <summary>Worked out: 1 where a device leaves the sample as it is.</summary>
        public int IsLeftOut;
    }
}

/// <summary>The bins of a histogram between two intensities.</summary>
/// <param name="minimum">The smallest intensity.</param>
/// <param name="maximum">The largest, above it.</param>
internal readonly struct QuantileBins(float minimum, float maximum)
{
    private const float Rounding = 1f / (1 << 18);

    public readonly float Minimum = minimum;
    public readonly float Maximum = maximum;
    public readonly float PerUnit = QuantileRange.Bins / (maximum - minimum);
    public readonly float Width = (maximum - minimum) * (1f / QuantileRange.Bins);

    /// <summary>The bin of an intensity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Of(float value) =>
        KernelMath.Max(0, KernelMath.Min((int)((value - Minimum) * PerUnit), QuantileRange.Bins - 1));

    /// <summary>The intensity below which a number of voxels lie.</summary>
    /// <param name="bin">The bin that it lies in.</param>
    /// <param name="before">Voxels in the bins before it.</param>
    /// <param name="own">Voxels in it.</param>
    /// <param name="target">That number.</param>
    public float At(int bin, int before, int own, float target) => Minimum + ((bin + ((target - before) / own)) * Width);

    /// <summary>The scale by two quantiles. What rounding has left of a flat image is not spread out.</summary>
    /// <param name="low">The lower one.</param>
    /// <param name="lowBin">The bin that it lies in.</param>
    /// <param name="high">The higher one.</param>
    /// <param name="highBin">The bin that it lies in.</param>
    public QuantileScale Scale(float low, int lowBin, float high, int highBin)
    {
        bool isFlat = Maximum - Minimum <= Rounding * KernelMath.Max(-Minimum, Maximum);
        return isFlat ? new(Minimum, Minimum) : lowBin == highBin ? new(Minimum, Maximum) : new(low, high);
    }
}

/// <summary>What becomes 0, and what is multiplied by.</summary>
/// <param name="low">The intensity that becomes 0.</param>
/// <param name="high">The one that becomes 1; the same where all are.</param>
internal readonly struct QuantileScale(float low, float high)
{
    public readonly float Low = low;
    public readonly float Factor = high > low ? 1f / (high - low) : 0f;
}
