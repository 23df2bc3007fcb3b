using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.FineTuning;

/// <summary>What becomes of the head in a run's pre-trained arms, and why.</summary>
/// <param name="Treatment">Never <see cref="HeadTreatment.Auto"/>.</param>
/// <param name="EndsInClasses">Whether the network's own outputs are the classes, in every arm, so that no head is put on top.</param>
/// <param name="Text">The same in words, for people.</param>
internal sealed record HeadPlan(HeadTreatment Treatment, bool EndsInClasses, string Text)
{
    /// <summary>
    /// Whether the weights end in a few classes that are not the task's: a head on top would read nothing but these, so the layers that end in them are new as
    /// well, with as many features as usual.
    /// </summary>
    public bool ReplacesOutputs { get; private init; }

    /// <summary>Of an arm with new weights.</summary>
    public static HeadPlan Scratch { get; } = new(
        HeadTreatment.Together, false, "no stage for the head alone: new weights have nothing that it could spoil");

    /// <summary>Decides.</summary>
    /// <param name="asked">As asked for.</param>
    /// <param name="part">Which weights are taken.</param>
    /// <param name="initial">The weights; null: none, from scratch.</param>
    /// <param name="classNames">The task's classes, the background first.</param>
    /// <param name="steps">Steps of every arm.</param>
    /// <exception cref="GpuSynthException">A head was to be kept that is not there or has other classes.</exception>
    public static HeadPlan Of(
        HeadTreatment asked,
        TransferredPart part,
        CheckpointReader? initial,
        IReadOnlyList<string> classNames,
        int steps)
    {
        if (initial is null)
        {
            return asked == HeadTreatment.Keep
                ? throw new GpuSynthException("--head keep needs weights that have a head; name them (--init RUN) or leave --head out.")
                : Scratch;
        }

        string? wrong = part == TransferredPart.Encoder ? "only the encoder is taken" : Wrong(initial, classNames.Count);
        string? others = wrong is null ? OtherNames(initial, classNames) : null;
        if (asked == HeadTreatment.Keep && wrong is not null)
        {
            string way = part == TransferredPart.Encoder
                ? "use --transfer all, or --head first"
                : "use --head first, or weights of a 'finetune' arm or of 'pretrain --objective segment' with the task's classes";
            throw new GpuSynthException($"--head keep: of '{initial.Path}' {wrong}; {way}.");
        }

        bool endsInClasses = FineTuneModel.EndsInOwnClasses(initial.Network, initial.Classes, initial.NetworkTensors.Keys);
        bool isKept = asked == HeadTreatment.Keep || (asked == HeadTreatment.Auto && wrong is null && others is null);
        if (isKept)
        {
            string names = others ?? (AreKnown(initial.ClassNames, classNames)
                ? "of the same names"
                : "whose names are not known: if they are others, use --head first");
            return new HeadPlan(
                HeadTreatment.Keep,
                endsInClasses,
                $"kept from the weights, {classNames.Count} classes {names}"
                + (endsInClasses ? "; the network's own outputs are the classes" : string.Empty));
        }

        bool isReplaced = endsInClasses && initial.Network.OutChannels < FineTuneModel.WithUsualFeatures(initial.Network).OutChannels;
        string outputs = isReplaced && part != TransferredPart.Encoder ? ", with the layers below it that ended in the weights' own classes" : string.Empty;
        if (asked == HeadTreatment.Together)
        {
            return new HeadPlan(HeadTreatment.Together, false, $"new{outputs}, trained with everything else from the first step") { ReplacesOutputs = isReplaced };
        }

        string reason = asked == HeadTreatment.First ? string.Empty : $", as {wrong ?? others}";
        string what = part == TransferredPart.Encoder ? "new, as is the decoder; both" : $"new{outputs},";
        return new HeadPlan(
            HeadTreatment.First,
            false,
            FormattableString.Invariant($"{what} trained alone for the first {FineTuneSchedule.HeadStepsOf(HeadTreatment.First, steps)} steps{reason}")) { ReplacesOutputs = isReplaced };
    }

    // Why the head of the weights cannot be the task's; null where it can.
    private static string? Wrong(CheckpointReader initial, int classes) => initial.Classes switch
    {
        null => "the weights carry features and no classes",
        int own when own != classes => $"the weights have {own} classes and the task {classes}",
        _ => null,
    };

    private static string? OtherNames(CheckpointReader initial, IReadOnlyList<string> names) =>
        AreKnown(initial.ClassNames, names) && !Same(initial.ClassNames!, names)
            ? $"the weights name {string.Join(", ", initial.ClassNames!.Skip(1))} and the task {string.Join(", ", names.Skip(1))}"
            : null;

    private static bool Same(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        one.Skip(1).SequenceEqual(other.Skip(1), StringComparer.OrdinalIgnoreCase);

    // "label 3" is a number, not a name.
    private static bool AreKnown(params IReadOnlyList<string>?[] lists) => lists.All(static list => list is not null
        && list.Skip(1).All(static name => !name.StartsWith(LabelClasses.NameOf(1)[..^1], StringComparison.Ordinal)));
}
