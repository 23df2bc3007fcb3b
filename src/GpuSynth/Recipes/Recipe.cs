namespace GpuSynth.Recipes;

/// <summary>What to draw: the whole description of a family of synthetic samples. Immutable; validated when built.</summary>
public sealed record Recipe(
    string Name,
    int Dimensions,
    AnatomyRecipe Anatomy,
    ContrastRecipe Contrast,
    BiasRecipe? Bias,
    NoiseRecipe? Noise,
    BlurRecipe? Blur,
    NormaliseRecipe? Normalise,
    GammaRecipe? Gamma);

/// <summary>Where the labels come from.</summary>
public abstract record AnatomyRecipe;

/// <summary>Labels as the argmax of displaced noise fields (RaSD, anatomy steps 1 to 4).</summary>
public sealed record NoiseAnatomyRecipe(SideMeasure Labels, NoiseFieldRecipe Field, NoiseFieldRecipe? Displacement) : AnatomyRecipe;

/// <summary>Noise on coarse grids, one grid per scale; one standard deviation drawn per scale.
/// Field: Std in intensity. Displacement and deformation: Std as a fraction of the side S.</summary>
public sealed record NoiseFieldRecipe(ValueList<SideMeasure> Scales, Law Std);

/// <summary>Labels from real label maps under a random affine and a smooth deformation (the way SynthSeg is used).</summary>
public sealed record LabelMapAnatomyRecipe(
    Law RotationDegrees,
    Law Scaling,
    Law Shear,
    Law TranslationOfSide,
    Law Flip,
    NoiseFieldRecipe? Deformation,
    Law? VoxelSpacingMillimetres,
    ValueList<LabelGroup>? Remap) : AnatomyRecipe;

/// <summary>Stored label values that become one output label.</summary>
public sealed record LabelGroup(int Label, ValueList<int> Values);

/// <summary>One mean intensity per label.</summary>
public sealed record ContrastRecipe(Law Mean);

/// <summary>Multiplicative smooth field exp(b).</summary>
public sealed record BiasRecipe(Law Std, Law FwhmVoxels, int Taps);

/// <summary>White noise with a standard deviation relative to the largest magnitude of the image.</summary>
public sealed record NoiseRecipe(Law StdOfMaximum);

/// <summary>Separable Gaussian blur, an independent sigma per axis.</summary>
public sealed record BlurRecipe(Law SigmaVoxels, int Taps);

/// <summary>I = (I - min) / (max - min + Epsilon).</summary>
public sealed record NormaliseRecipe(double Epsilon);

/// <summary>I = I^g.</summary>
public sealed record GammaRecipe(Law Exponent);
