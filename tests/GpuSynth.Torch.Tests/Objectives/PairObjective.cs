using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>
/// An objective of an assembly that is not GpuSynth's, as a user would write it: the features of one appearance, through a layer of the objective's
/// own, are to be the image of the other. A "teacher" counts the steps.
/// </summary>
[Objective("test-pair", "One appearance from the other.")]
public sealed class PairObjective : Objective
{
    private readonly int channels;
    private readonly int dimensions;
    private Head? head;

    public PairObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (channels, dimensions) = (context.Network.OutChannels, context.Network.Dimensions);
        if (dimensions != 3)
        {
            throw new ObjectiveException("Objective test-pair is for volumes; take a recipe of 3 dimensions.");
        }
    }

    /// <summary>Called with every batch.</summary>
    public static Action<ObjectiveStep>? Seen { get; set; }

    public override IReadOnlyList<ObjectiveView> Views { get; } =
        [ObjectiveView.FirstAppearance, ObjectiveView.SecondAppearance, ObjectiveView.FirstAppearance with { IsClean = true }];

    public override nn.Module? Parts => head;

    public override ObjectiveBounds Bounds => new(1, 0.25);

    public override void Begin(SegmentationNetwork network, int labelCount) => head = new Head(channels);

    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using DisposeScope scope = NewDisposeScope();
        Seen?.Invoke(batch);
        Tensor features = batch.Forward(batch.Input(ObjectiveView.FirstAppearance)).to_type(ScalarType.Float32);
        PlaceRandom random = batch.Random(0, 2000);
        Tensor error = head!.call(features).sub(batch.Input(ObjectiveView.SecondAppearance)).mul(Scalars.Of(1 + random.Uniform()));
        Tensor loss = error.mul(error).mean();
        double value = batch.Backward(loss);
        return new ObjectiveValue(value, [("error", value)]);
    }

    public override void AfterStep()
    {
        using IDisposable unrecorded = no_grad();
        head!.Steps.add_(Scalars.Of(1L), Scalars.Of(1L));
    }

    private sealed class Head : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> layer;

        public Head(int channels)
            : base(nameof(Head))
        {
            layer = nn.Conv3d(channels, 1, 1);
            register_module("layer", layer);
            Steps = zeros([1], ScalarType.Int64);
            register_buffer("steps", Steps);
        }

        public Tensor Steps { get; }

        public override Tensor forward(Tensor input) => layer.call(input);

        protected override void RegisterComponents()
        {
        }
    }
}
