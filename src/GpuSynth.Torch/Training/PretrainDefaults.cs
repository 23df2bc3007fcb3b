using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Training;

/// <summary>
/// What pre-training takes where nothing is said: a run that shows in a few minutes on two processor cores what the tool does.
/// </summary>
public static class PretrainDefaults
{
    /// <summary>Name of the preset.</summary>
    public const string Preset = "rasd-3d";

    /// <summary>Samples of a batch. Of one sample alone, torch takes a slow way through convolutions on a processor.</summary>
    public const int Batch = 2;

    /// <summary>Steps.</summary>
    public const long Steps = 400;

    /// <summary>Batches of a step.</summary>
    public const int Accumulate = 1;

    /// <summary>The full learning rate.</summary>
    public const double LearningRate = 1e-3;

    /// <summary>What follows the warm-up.</summary>
    public const ScheduleKind Schedule = ScheduleKind.Cosine;

    /// <summary>Steps of the warm-up as a share of all; at most <see cref="MostWarmupSteps"/> steps.</summary>
    public const double WarmupShare = 0.05;

    /// <summary>The most steps of the warm-up that are taken where nothing is said.</summary>
    public const long MostWarmupSteps = 1000;

    /// <summary>Weight decay: what AdamW has in PyTorch.</summary>
    public const double WeightDecay = 1e-2;

    /// <summary>The longest gradient; longer ones are shortened to it.</summary>
    public const double Clip = 1.0;

    /// <summary>
    /// Channels of the features: RaSD's 32; half of them in the small 3D U-Net, whose cost they decide, and in the vision transformer, whose
    /// decoder has fewer still.
    /// </summary>
    public static int FeatureChannels(NetworkKind kind, int dimensions) =>
        (kind == NetworkKind.UNet && dimensions == 3) || kind == NetworkKind.Vit ? 16 : 32;

    /// <summary>Steps between checkpoints.</summary>
    public const long CheckpointEvery = 50;

    /// <summary>Checkpoints that are kept.</summary>
    public const int Keep = 2;

    /// <summary>Name of the objective: what fine-tunes best on real images (docs/evidence.md).</summary>
    /// <param name="dimensions">2 or 3.</param>
    public static string Objective(int dimensions) => dimensions == 2 ? "multitask" : "rasd-cosine";

    /// <summary>The side of a sample.</summary>
    /// <param name="dimensions">2 or 3.</param>
    /// <param name="kind">The network; a Swin UNETR needs sides of a multiple of 32.</param>
    public static int Side(int dimensions, NetworkKind kind) => (dimensions, kind) switch
    {
        (2, _) => 128,
        (_, NetworkKind.SwinUnetr) => 64,
        _ => 48,
    };

    /// <summary>The shape of a sample.</summary>
    public static VolumeShape Shape(int dimensions, NetworkKind kind) => VolumeShape.Cubic(dimensions, Side(dimensions, kind));

    /// <summary>
    /// The network: small where the sample is a volume and the network a U-Net, so that two cores get somewhere.
    /// </summary>
    public static NetworkOptions Network(NetworkKind kind, int dimensions) =>
        NetworkOptions.Default(kind, dimensions) with { OutChannels = FeatureChannels(kind, dimensions) };

    /// <summary>Steps of the warm-up of a run.</summary>
    public static long WarmupSteps(long steps) => Math.Min(MostWarmupSteps, (long)Math.Ceiling(steps * WarmupShare));
}
