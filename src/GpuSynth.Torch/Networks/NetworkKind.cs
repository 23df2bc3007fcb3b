namespace GpuSynth.Torch.Networks;

/// <summary>The family of a network.</summary>
public enum NetworkKind
{
    /// <summary>The residual U-Net, 2D or 3D: MONAI's <c>UNet</c>.</summary>
    UNet,

    /// <summary>Swin UNETR, 3D: MONAI's <c>SwinUNETR</c>.</summary>
    SwinUnetr,

    /// <summary>A small vision transformer with a decoder like UNETR's, 2D or 3D: <see cref="VisionTransformer"/>.</summary>
    Vit,
}
