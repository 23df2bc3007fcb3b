namespace GpuSynth.Torch.Reports;

/// <summary>
/// What was measured at one step: numbers by name, in the order in which they were set. Set them as in
/// <c>new MetricsRow(100) { [MetricsRow.Loss] = 1.25, ["pull"] = 1.0 }</c>.
/// </summary>
public sealed class MetricsRow
{
    /// <summary>The whole loss.</summary>
    public const string Loss = "loss";

    /// <summary>The optimiser's rate at this step.</summary>
    public const string LearningRate = "learningRate";

    /// <summary>The gradient's L2 norm before it was clipped.</summary>
    public const string GradientNorm = "gradientNorm";

    /// <summary>Volumes (or images) that were trained on per second.</summary>
    public const string VolumesPerSecond = "volumesPerSecond";

    /// <summary>The share, 0 to 1, of the step's time that was spent waiting for data.</summary>
    public const string WaitShare = "waitShare";

    /// <summary>The step's time in seconds.</summary>
    public const string Seconds = "seconds";

    /// <summary>Mean Dice of the validation cases, 0 to 1; only in rows of steps that validated.</summary>
    public const string ValidationDice = "validationDice";

    /// <summary>Mean Dice of a linear read-out of frozen features at their best level; in rows of steps that were probed.</summary>
    public const string ProbeDice = "probeDice";

    /// <summary>The same at the network's output.</summary>
    public const string ProbeOutputDice = "probeOutputDice";

    /// <summary>The same of hand-made features: what every probe of the run is measured against.</summary>
    public const string ProbeHandMadeDice = "probeHandMadeDice";

    // A row has about eight names: a list is quicker than a dictionary, and it keeps their order.
    private readonly List<(string Name, double Value)> values = [];

    /// <summary>A row with no numbers yet.</summary>
    /// <param name="step">Steps that the optimiser has done; 0: what was measured before the first.</param>
    public MetricsRow(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        Step = step;
    }

    /// <summary>Steps that the optimiser has done, from 1 on.</summary>
    public long Step { get; }

    /// <summary>The numbers, in the order in which they were first set.</summary>
    public IReadOnlyList<(string Name, double Value)> Values => values;

    /// <summary>A number by its name; NaN where the row has none of that name.</summary>
    public double this[string name]
    {
        get => TryGet(name, out double value) ? value : double.NaN;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            if (name == MetricsLog.StepName)
            {
                throw new ArgumentException("The step is the row's own; it is given to the constructor.", nameof(name));
            }

            int at = values.FindIndex(pair => pair.Name == name);
            if (at < 0)
            {
                values.Add((name, value));
            }
            else
            {
                values[at] = (name, value);
            }
        }
    }

    /// <summary>Whether the row has a number of that name, and the number.</summary>
    public bool TryGet(string name, out double value)
    {
        foreach ((string candidate, double number) in values)
        {
            if (candidate == name)
            {
                value = number;
                return true;
            }
        }

        value = double.NaN;
        return false;
    }
}
