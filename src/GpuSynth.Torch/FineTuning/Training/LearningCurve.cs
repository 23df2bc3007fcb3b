namespace GpuSynth.Torch.FineTuning;

// Places: 25, 50, 100, 200, ... below the number of steps N, and N. Area: trapezoids over log2 of the step, divided by the width
// log2(N / 25): a curve that stays at d has the area d. Of one place the value itself.

/// <summary>How the validation Dice grows with the steps, at places that do not depend on how often else it is looked at.</summary>
public static class LearningCurve
{
    /// <summary>The first place.</summary>
    public const int FirstStep = 25;

    /// <summary>The places of a training of so many steps, ascending.</summary>
    public static IReadOnlyList<int> StepsOf(int steps)
    {
        var places = new List<int>();
        for (long step = FirstStep; step < steps; step *= 2)
        {
            places.Add((int)step);
        }

        places.Add(steps);
        return places;
    }

    /// <summary>The area under a curve, in units of its values; NaN where it has none.</summary>
    /// <param name="points">By ascending step.</param>
    public static double Area(IReadOnlyList<(int Step, double Value)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        (int Step, double Value)[] known = [.. points.Where(static point => !double.IsNaN(point.Value))];
        if (known.Length < 2)
        {
            return known.Length == 0 ? double.NaN : known[0].Value;
        }

        double area = 0, whole = 0;
        for (int n = 1; n < known.Length; n++)
        {
            double width = Math.Log2((double)known[n].Step / known[n - 1].Step);
            area += width * (known[n - 1].Value + known[n].Value) / 2;
            whole += width;
        }

        return area / whole;
    }
}

/// <summary>A point of a learning curve.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Dice">Mean over the validation cases.</param>
/// <param name="Cases">Of each validation case, mean over its labels; NaN of one without any.</param>
public sealed record CurvePoint(int Step, double Dice, double[] Cases);
