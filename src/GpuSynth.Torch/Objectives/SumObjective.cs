using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// A weighted sum of objectives. Each has its own passes through the network, views that are alike are made once, and gradients add up.
/// </summary>
internal sealed class SumObjective : Objective
{
    private readonly (Objective Objective, ObjectiveTerm Term)[] terms;
    private SumParts? parts;

    public SumObjective(IEnumerable<(Objective Objective, ObjectiveTerm Term)> terms)
    {
        this.terms = [.. terms];
        Views = [.. this.terms.SelectMany(static one => one.Objective.Views).Distinct()];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views { get; }

    /// <inheritdoc/>
    public override nn.Module? Parts => parts;

    /// <inheritdoc/>
    public override bool NamesLabels => terms.Any(static one => one.Objective.NamesLabels);

    /// <inheritdoc/>
    public override ObjectiveBounds Bounds => new(Sum(static bounds => bounds.Chance), Sum(static bounds => bounds.Floor));

    /// <inheritdoc/>
    public override int? OutputChannels(int labelCount)
    {
        (string Name, int Channels)[] asked =
        [
            .. terms.Select(one => (one.Term.Name, Channels: one.Objective.OutputChannels(labelCount)))
                .Where(static one => one.Channels is not null)
                .Select(static one => (one.Name, one.Channels!.Value)),
        ];
        return asked.Select(static one => one.Channels).Distinct().Count() <= 1
            ? asked.Length == 0 ? null : asked[0].Channels
            : throw new ObjectiveException(
                $"Objectives {asked[0].Name} and {asked[1].Name} cannot be summed: they take the network's output for "
                + $"{asked[0].Channels} and {asked[1].Channels} channels; leave one out (--objective).");
    }

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount)
    {
        List<(string Name, nn.Module Module)> made = [];
        foreach ((Objective objective, ObjectiveTerm term) in terms)
        {
            objective.Begin(network, labelCount);
            if (objective.Parts is { } own)
            {
                made.Add((term.Name, own));
            }
        }

        parts = made.Count == 0 ? null : new SumParts(made);
    }

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        double loss = 0;
        List<(string Name, double Value)> all = [];
        foreach ((Objective objective, ObjectiveTerm term) in terms)
        {
            // The graph of one is freed before the next one's is built.
            using DisposeScope scope = NewDisposeScope();
            ObjectiveValue value = objective.Backward(batch.Weighted(term.Weight));
            loss += term.Weight * value.Loss;
            all.Add((term.Name, value.Loss));
            all.AddRange(value.Parts.Select(part => ($"{term.Name}.{part.Name}", part.Value)));
        }

        return new ObjectiveValue(loss, all);
    }

    /// <inheritdoc/>
    public override void AfterStep() => Array.ForEach(terms, static one => one.Objective.AfterStep());

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Array.ForEach(terms, static one => one.Objective.Dispose());
        }

        base.Dispose(disposing);
    }

    private double? Sum(Func<ObjectiveBounds, double?> of) =>
        terms.Aggregate((double?)0, (sum, one) => sum + (one.Term.Weight * of(one.Objective.Bounds)));

    // The parts of all, each under its objective's name.
    private sealed class SumParts : NamedParts
    {
        public SumParts(IEnumerable<(string Name, nn.Module Module)> parts)
            : base(nameof(SumParts))
        {
            foreach ((string name, nn.Module module) in parts)
            {
                Register(name, module);
            }
        }
    }
}
