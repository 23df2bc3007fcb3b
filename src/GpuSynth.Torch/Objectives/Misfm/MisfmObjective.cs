using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Volume fusion: two anatomies f and g of one appearance are mixed block by block, x = a f + (1 - a) g with a = y / 4, and the network names y, 0 to
/// 4, at every voxel. Loss = Dice / 2 + cross-entropy / 2 over the five levels, both as in <see cref="SegmentObjective"/> (smoothing 1e-5). Source:
/// MIS-FM (Wang et al., arXiv 2306.16925).
/// </summary>
/// <remarks>
/// Both images are without noise, blur, artefacts and bias: those of two mixed images are weaker at a = 1/2, and would give a away. The mixture gets
/// one Gaussian noise, its standard deviation uniform from 0 to a tenth of the range of intensities, and is then z-scored. The part crossEntropy is
/// ln 5 = 1.609 of a network that knows nothing.
/// </remarks>
[Objective("misfm", "In which shares two anatomies were mixed, block by block: volume fusion of MIS-FM.")]
public sealed class MisfmObjective : Objective
{
    /// <summary>Levels 0 to K.</summary>
    internal const int Classes = FusionBlocks.Levels + 1;

    /// <summary>Name of the head.</summary>
    internal const string HeadName = "levels";

    private const float MostNoise = 0.1f;

    /// <summary>Two anatomies of one appearance: (2n, n) and (2n + 1, n).</summary>
    internal static readonly ObjectiveView Foreground = new(2, 0, 1, 0, IsClean: true);

    internal static readonly ObjectiveView Background = new(2, 1, 1, 0, IsClean: true);

    private readonly VolumeShape shape;
    private VoxelHeads? heads;

    /// <summary>The objective.</summary>
    /// <param name="context">What it is made for.</param>
    /// <exception cref="GpuSynthException">The shape has no room for two blocks, or the recipe has no clean form.</exception>
    public MisfmObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _ = context.Recipe.Clean();
        shape = context.Shape;
        if (FusionBlocks.Fewest(shape) < 2)
        {
            throw new ObjectiveException(
                $"Objective {context.Name} mixes blocks of at least 4 voxels a side, and {shape} has room for one; take sides of 8 or more (--size).");
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views { get; } = [Foreground, Background];

    /// <inheritdoc/>
    public override nn.Module? Parts => heads;

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount) => heads = new VoxelHeads(network.Options, (HeadName, Classes));

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using DisposeScope scope = NewDisposeScope();
        (Tensor image, Tensor levels) = Mixed(batch);
        Tensor features = batch.Forward(InputScale.ZScore(image)).to_type(ScalarType.Float32);
        ObjectiveValue named = SegmentObjective.BackwardOf(heads!.Of(HeadName, features), levels, Classes, 0.5 * batch.Scale);
        return new ObjectiveValue(0.5 * named.Loss, named.Parts);
    }

    /// <summary>a f + (1 - a) g.</summary>
    /// <param name="foreground">f, [B, 1, (D,) H, W].</param>
    /// <param name="background">g, likewise.</param>
    /// <param name="levels">y, uint8 [B, (D,) H, W].</param>
    internal static Tensor Fuse(Tensor foreground, Tensor background, Tensor levels)
    {
        Tensor share = levels.to_type(ScalarType.Float32).mul(Scalars.Of(1.0 / FusionBlocks.Levels)).unsqueeze(1);
        return (foreground * share).Plus(background * share.neg().Plus(1));
    }

    /// <summary>The mixed images with their noise, and their levels.</summary>
    internal (Tensor Image, Tensor Levels) Mixed(ObjectiveStep step)
    {
        Tensor foreground = step.Image(Foreground), background = step.Image(Background);
        long[] own = InputScale.AxesOf(foreground);
        (Tensor levels, Tensor noise) = Drawn(step, foreground.shape);
        Tensor fused = Fuse(foreground, background, levels.to(foreground.device));
        Tensor range = fused.amax(own, keepdim: true).sub(fused.amin(own, keepdim: true));
        return (fused.Plus(noise.to(foreground.device) * range), levels.to(foreground.device));
    }

    // Noise as a share of the range of intensities.
    private unsafe (Tensor Levels, Tensor Noise) Drawn(ObjectiveStep step, long[] size)
    {
        Tensor levels = empty([size[0], .. size.AsSpan(2)], ScalarType.Byte), noise = empty(size, ScalarType.Float32);
        var toLevels = (byte*)TensorAddress.Of(levels);
        var toNoise = (float*)TensorAddress.Of(noise);
        int voxels = (int)(levels.numel() / size[0]);
        for (int item = 0; item < size[0]; item++)
        {
            PlaceRandom random = step.Random(item, PlaceRandom.FusionStream);
            float std = random.Between(0, MostNoise);
            FusionBlocks.Draw(shape, ref random).Fill(new Span<byte>(toLevels + ((long)item * voxels), voxels));
            var place = new RandomPlace(step.Seed, (ulong)(step.FirstItem + item), PlaceRandom.ObjectiveNoiseStream);
            Normal.HostFill(toNoise + ((long)item * voxels), voxels, in place, scale: std);
        }

        return (levels, noise);
    }
}
