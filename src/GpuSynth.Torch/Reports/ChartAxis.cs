using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>One axis of a chart: its range, its marks and how their numbers are written.</summary>
internal sealed class ChartAxis
{
    private readonly double low;
    private readonly double high;
    private readonly bool isPercent;

    private ChartAxis(double low, double high, bool isLog, IReadOnlyList<double> ticks, bool isPercent)
    {
        (this.low, this.high, IsLog, Ticks, this.isPercent) = (low, high, isLog, ticks, isPercent);
    }

    public bool IsLog { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis for values from one number to another.</summary>
    /// <param name="from">The least value; a logarithmic axis needs it positive, and is linear where it is not.</param>
    /// <param name="to">The greatest.</param>
    /// <param name="style">How it is divided.</param>
    public static ChartAxis Of(double from, double to, AxisStyle style)
    {
        bool isLog = style.IsLog && from > 0;
        if (!(to > from))
        {
            // One value only: some room on both sides, in its own magnitude.
            double room = from == 0 ? 1 : Math.Abs(from) * 0.5;
            (from, to) = isLog ? (from / 2, to * 2) : (from - room, to + room);
        }

        if (style.Ticks is not null || isLog)
        {
            IReadOnlyList<double> ticks = style.Ticks ?? LogTicks(from, to, style.TickCount);
            // A little air, so that the first and the last marker do not sit on the frame.
            double air = style.Ticks is null && !style.IsRounded ? 0 : 0.06;
            return isLog
                ? new ChartAxis(from / Math.Pow(to / from, air), to * Math.Pow(to / from, air), true, ticks, style.IsPercent)
                : new ChartAxis(from - (air * (to - from)), to + (air * (to - from)), false, ticks, style.IsPercent);
        }

        double step = NiceStep((to - from) / style.TickCount);
        if (style.IsRounded)
        {
            (from, to) = (Math.Floor((from / step) + 1e-6) * step, Math.Ceiling((to / step) - 1e-6) * step);
        }

        return new ChartAxis(from, to, false, LinearTicks(from, to, step), style.IsPercent);
    }

    /// <summary>Where a value lies: 0 at the axis' start, 1 at its end, beyond them outside.</summary>
    public double Place(double value) => IsLog
        ? Math.Log(value / low) / Math.Log(high / low)
        : (value - low) / (high - low);

    /// <summary>Whether a value lies within the axis.</summary>
    public bool Holds(double value) => value >= low && value <= high;

    /// <summary>A mark's number.</summary>
    public string Label(double tick)
    {
        // Marks of one magnitude need the decimals that tell them apart, even on a logarithmic axis.
        bool isEven = Ticks.Count > 1 && (!IsLog || Ticks[^1] < 3 * Ticks[0]);
        double step = isEven ? Math.Abs(Ticks[1] - Ticks[0]) : Math.Abs(tick);
        double scale = isPercent ? 100 : 1;
        if (tick == 0)
        {
            return isPercent ? "0%" : "0";
        }

        double largest = Ticks.Count == 0 ? 0 : Ticks.Max(Math.Abs) * scale;
        if (step * scale < 1e-3 || (IsLog && Math.Abs(tick * scale) >= 1e5))
        {
            // Such as 2e-4: shorter than a row of zeros, and as it is typed.
            return tick.ToString("0.##e0", CultureInfo.InvariantCulture);
        }

        int decimals = step == 0 ? 0 : Math.Clamp(-(int)Math.Floor(Math.Log10(step * scale) + 1e-9), 0, 6);
        if (largest >= 1e5 && step >= 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{tick / 1000:#,0.#}k");
        }

        return (tick * scale).ToString("N" + decimals, CultureInfo.InvariantCulture) + (isPercent ? "%" : string.Empty);
    }

    // 1, 2 or 5 times a power of ten: the first that is not below the wish.
    private static double NiceStep(double wish)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(wish)));
        double digit = wish / power;
        return power * (digit <= 1 + 1e-9 ? 1 : digit <= 2 + 1e-9 ? 2 : digit <= 5 + 1e-9 ? 5 : 10);
    }

    private static List<double> LinearTicks(double from, double to, double step)
    {
        List<double> ticks = [];
        long first = (long)Math.Ceiling((from / step) - 1e-6);
        long last = (long)Math.Floor((to / step) + 1e-6);
        for (long n = first; n <= last; n++)
        {
            ticks.Add(n * step);
        }

        return ticks;
    }

    private static List<double> LogTicks(double from, double to, int tickCount)
    {
        double decades = Math.Log10(to / from);
        double[] digits = decades < 1.5 ? [1, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
        int every = Math.Max(1, (int)Math.Ceiling(decades / Math.Max(1, tickCount)));
        List<double> ticks = [];
        for (int power = (int)Math.Floor(Math.Log10(from)); power <= (int)Math.Ceiling(Math.Log10(to)); power++)
        {
            ticks.AddRange(digits.Select(digit => digit * Math.Pow(10, power))
                .Where(tick => tick >= from * 0.87 && tick <= to * 1.15 && power % every == 0));
        }

        // A range within one digit has marks of equal differences instead.
        return ticks.Count >= 3 ? ticks : LinearTicks(from, to, NiceStep((to - from) / tickCount));
    }
}

/// <summary>How an axis is divided.</summary>
/// <param name="TickCount">About how many marks there is room for.</param>
/// <param name="IsLog">Whether equal ratios, not differences, are equally long.</param>
internal sealed record AxisStyle(int TickCount, bool IsLog = false)
{
    /// <summary>Whether the range is widened to whole marks.</summary>
    public bool IsRounded { get; init; }

    /// <summary>Whether 0.5 is written 50%.</summary>
    public bool IsPercent { get; init; }

    /// <summary>The marks, when they are not to be chosen by the axis.</summary>
    public IReadOnlyList<double>? Ticks { get; init; }
}
