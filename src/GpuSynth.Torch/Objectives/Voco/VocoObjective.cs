using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Geometric context contrast: how similar a random crop is to nine base crops of its volume tells how much of it lies in each of them.
/// </summary>
/// <remarks>
/// <para>
/// Two random crops of every view and item, within the 3 x 3 grid of base crops in the plane of height and width; a crop is a third of the
/// plane's sides, rounded down to what the network takes, and as deep as the volume. Global means of the encoder's levels are a crop's features;
/// the decoder is not trained. The loss is intra + inter + regularisation, not weighted: random crops against the teacher's base crops of the same
/// view; against the student's base crops of the other appearance of the same anatomy, where the overlap is as well known, so that noise fields
/// that are alike everywhere teach it too; and what makes base crops differ. The student does not see a fifth of the random crops.
/// Of similarities that are all the same, 0.2 at best, intra and inter would be 0.62 each.
/// </para>
/// <para>
/// Source: Wu, Zhuang, Chen, "VoCo", CVPR 2024, and its second version, "Large-scale 3D medical image pre-training with geometric context
/// priors". There a pass hides base crops from the student as well, and inter has the teacher's similarities to another patient as labels.
/// </para>
/// </remarks>
[Objective(ObjectiveName, "Where a crop lies: its overlap with nine base crops, within an appearance and across two.")]
public sealed class VocoObjective : Objective
{
    /// <summary>What commands and checkpoints call it.</summary>
    public const string ObjectiveName = "voco";

    private const int RandomCrops = 2;
    private const float DropShare = 0.2f;

    private readonly VolumeShape shape;
    private VocoParts? parts;
    private VocoCrops? crops;

    /// <summary>The objective.</summary>
    /// <param name="context">What it is made for.</param>
    public VocoObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        shape = context.Shape;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views { get; } = [ObjectiveView.FirstAppearance, ObjectiveView.SecondAppearance];

    /// <inheritdoc/>
    public override nn.Module? Parts => parts;

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount)
    {
        ArgumentNullException.ThrowIfNull(network);
        crops = new VocoCrops(CropGrid.Of(shape, network.SideMultiple), RandomCrops);
        parts = new VocoParts(NetworkLevel.Of(network, encoderOnly: true).Sum(static level => level.Channels));
    }

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using DisposeScope scope = NewDisposeScope();
        (Tensor input, Tensor labels) = Crops(batch);
        Tensor features = Features(batch.FeatureMaps(input, encoderOnly: true));
        long[] rows = [Views.Count, batch.Items, crops!.Count, -1];
        Tensor student = parts!.Student(features * Seen(batch, features.device)).reshape(rows);
        Tensor teacher = parts.Teacher(features.detach()).reshape(rows).narrow(2, 0, CropGrid.Count);
        (Tensor intra, Tensor inter, Tensor regularisation) = VocoLoss.Of(student, teacher, labels);
        return new ObjectiveValue(
            batch.Backward(intra.Plus(inter).Plus(regularisation)),
            [("intra", intra.item<float>()), ("inter", inter.item<float>()), ("regularisation", regularisation.item<float>())]);
    }

    /// <inheritdoc/>
    public override void AfterStep() => parts!.Follow();

    // All crops, views and items one behind the other, and the random ones' labels [views, B, R, 9].
    private (Tensor Crops, Tensor Labels) Crops(ObjectiveStep step)
    {
        List<Tensor> all = [];
        float[] labels = new float[Views.Count * step.Items * RandomCrops * CropGrid.Count];
        PlaceRandom[] places = step.Random(PlaceRandom.CropPlaceStream), flips = step.Random(PlaceRandom.CropFlipStream);
        for (int view = 0; view < Views.Count; view++)
        {
            Tensor images = step.Input(Views[view]);
            for (int item = 0; item < step.Items; item++)
            {
                const int OfItem = RandomCrops * CropGrid.Count;
                Span<float> own = labels.AsSpan(((view * step.Items) + item) * OfItem, OfItem);
                all.AddRange(crops!.Cut(images.narrow(0, item, 1), ref places[item], ref flips[item], own));
            }
        }

        Tensor input = cat(all, 0);
        return (input, tensor(labels).reshape(Views.Count, step.Items, RandomCrops, CropGrid.Count).to(input.device));
    }

    // Global means of every level side by side: [crops, channels of all levels].
    private static Tensor Features(IReadOnlyList<FeatureMap> maps) =>
        cat([.. maps.Select(static map => map.Values.flatten(2).mean([2L], type: ScalarType.Float32))], 1);

    // 0 for a fifth of the random crops, which the student does not see, and 1 for all others: [crops, 1]. Base crops are always seen: two crops
    // that are not are alike whatever they show, and with labels of exactly 0 each such pair would cost -ln 1e-6 = 13.8.
    private Tensor Seen(ObjectiveStep step, Device device)
    {
        PlaceRandom[] random = step.Random(PlaceRandom.CropDropStream);
        float[] seen = new float[Views.Count * step.Items * crops!.Count];
        for (int n = 0; n < seen.Length; n++)
        {
            (int volume, int crop) = Math.DivRem(n, crops.Count);
            seen[n] = crop < CropGrid.Count || random[volume % step.Items].Uniform() >= DropShare ? 1 : 0;
        }

        return tensor(seen).unsqueeze(1).to(device);
    }
}
