using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// The transformer's five resolutions of one image: patches of 2x2x2 voxels, and four stages; version 2 has a residual
/// convolution before every stage. MONAI's <c>SwinTransformer</c> with depths 2, 2, 2, 2 and heads 3, 6, 12, 24.
/// </summary>
internal sealed class SwinEncoder : NamedParts
{
    private static readonly int[] Heads = [3, 6, 12, 24];

    /// <summary>Stages of the transformer.</summary>
    public static int StageCount => Heads.Length;

    private readonly nn.Module<Tensor, Tensor> patches;
    private readonly SwinStage[] stages = new SwinStage[Heads.Length];
    private readonly nn.Module<Tensor, Tensor>[] convolutions = [];

    public SwinEncoder(int imageChannels, int featureSize, bool useV2)
        : base(nameof(SwinEncoder))
    {
        nn.Module<Tensor, Tensor> projection = nn.Conv3d(imageChannels, featureSize, 2L, 2);
        patches = Register("patch_embed", nn.Sequential(("proj", projection)));
        for (int i = 0; i < stages.Length; i++)
        {
            stages[i] = new SwinStage(featureSize << i, Heads[i]);
            Register($"layers{i + 1}", nn.ModuleList<nn.Module>(stages[i]));
        }

        if (useV2)
        {
            convolutions = [.. Heads.Select((_, i) => ResidualBlock.CreateLayer(featureSize << i, featureSize << i))];
            for (int i = 0; i < convolutions.Length; i++)
            {
                Register($"layers{i + 1}c", nn.ModuleList<nn.Module>(convolutions[i]));
            }
        }
    }

    /// <summary>Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the resolution, each normed over its channels.</summary>
    public Tensor[] Encode(Tensor image)
    {
        using var scope = NewDisposeScope();
        Tensor[] outputs = new Tensor[stages.Length + 1];
        Tensor current = patches.call(image);
        outputs[0] = Normed(current).MoveToOuterDisposeScope();
        for (int i = 0; i < stages.Length; i++)
        {
            Tensor prepared = convolutions.Length > 0 ? convolutions[i].call(current) : current;
            current = stages[i].call(prepared);
            outputs[i + 1] = Normed(current).MoveToOuterDisposeScope();
        }

        return outputs;
    }

    private static Tensor Normed(Tensor features) => nn.functional
        .layer_norm(features.permute(0, 2, 3, 4, 1), [features.shape[1]])
        .permute(0, 4, 1, 2, 3);
}
