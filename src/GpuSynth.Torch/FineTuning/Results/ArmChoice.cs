namespace GpuSynth.Torch.FineTuning;

/// <summary>Which of a run's complete arms predicts.</summary>
/// <typeparam name="T">An arm, or arms that belong together.</typeparam>
/// <param name="model">The run's folder, for messages.</param>
/// <param name="kind">What the arms are called there: "arm", "classifier".</param>
/// <param name="complete">Names and arms, one or more.</param>
internal sealed class ArmChoice<T>(string model, string kind, IReadOnlyList<(string Name, T Arm)> complete)
{
    /// <summary>The one that a user names.</summary>
    /// <exception cref="GpuSynthException">There is none of that name.</exception>
    public T Named(string wanted) => complete.Any(one => one.Name == wanted)
        ? complete.First(one => one.Name == wanted).Arm
        : throw new GpuSynthException(
            $"'{model}' holds no complete {kind} '{wanted}'; there are {string.Join(", ", complete.Select(static one => one.Name))} (--arm).");

    /// <summary>The one that did best in validation, the first of equals.</summary>
    /// <param name="isBetter">Whether an arm is better than another.</param>
    /// <param name="why">What speaks for it, in words.</param>
    /// <param name="say">Told which one it is, where there are several.</param>
    public T Best(Func<T, T, bool> isBetter, Func<T, string> why, Action<string> say)
    {
        (string Name, T Arm) best = complete.Aggregate((found, other) => isBetter(other.Arm, found.Arm) ? other : found);
        if (complete.Count > 1)
        {
            say($"'{model}' has {complete.Count} {kind}s; {best.Name} is taken, {why(best.Arm)} (--arm chooses another)");
        }

        return best.Arm;
    }
}
