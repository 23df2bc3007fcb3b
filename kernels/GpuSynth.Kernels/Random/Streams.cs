namespace GpuSynth.Kernels;

/// <summary>
/// The streams of random numbers: one for each thing that is drawn. APPEND ONLY: a number once given is never reused or moved,
/// so that a seed means the same samples in every later version.
/// </summary>
public static class Streams
{
    /// <summary>Scalar laws of the anatomy: label count, standard deviations per scale.</summary>
    public const uint AnatomyLaws = 0;

    /// <summary>Normal draws on the coarse grids of the label fields, element = flat index over [scale][label][node].</summary>
    public const uint FieldNodes = 1;

    /// <summary>
    /// Normal draws on the coarse grids of the displacements, element = flat index over [scale][label][component][node].
    /// </summary>
    public const uint DisplacementNodes = 2;

    /// <summary>Mean intensity per label, element = label.</summary>
    public const uint ContrastLaws = 3;

    /// <summary>Scalar laws of the bias field.</summary>
    public const uint BiasLaws = 4;

    /// <summary>Normal draws on the coarse cells of the bias field.</summary>
    public const uint BiasCells = 5;

    /// <summary>Scalar laws of the white noise.</summary>
    public const uint NoiseLaws = 6;

    /// <summary>White noise, element = voxel.</summary>
    public const uint NoiseVoxels = 7;

    /// <summary>Scalar laws of the blur.</summary>
    public const uint BlurLaws = 8;

    /// <summary>Scalar laws of the gamma curve.</summary>
    public const uint GammaLaws = 9;

    /// <summary>Scalar laws of the label-map anatomy: which map, affine, flips, deformation.</summary>
    public const uint LabelMapLaws = 10;

    /// <summary>
    /// Normal draws on the coarse grids of a label map's deformation, element = flat index over [scale][component][node].
    /// </summary>
    public const uint DeformationNodes = 11;

    /// <summary>Dropout's mask in a layer of a network, element = value; not of the engine's seed but of the step's.</summary>
    public const uint Dropout = 12;

    /// <summary>
    /// Laws of the normalisation, which has none yet. From 14 on a component names the stream of its laws in its declaration alone, and a
    /// catalogue of components refuses two of one number.
    /// </summary>
    public const uint NormaliseLaws = 13;

    /// <summary>Scalar laws of the trees.</summary>
    public const uint TreeLaws = 40;

    /// <summary>What is drawn for each branch of a tree, element = the tree in bits 24 to 31, the branch's number below.</summary>
    public const uint TreeBranches = 41;

    /// <summary>Laws of Gaussian blobs; a blob's numbers are at 32 times its path and a number of the item.</summary>
    public const uint GaussianLaws = 42;

    /// <summary>Normal draws of the tile that the noise of blobs looks into.</summary>
    public const uint GaussianTile = 43;

    /// <summary>Laws of lesions; a lesion's numbers are at 32 times one more than its number, and a number of the item.</summary>
    public const uint LesionLaws = 44;

    /// <summary>Voxels that are tried for lesions, element = 64 times the lesion and the try; its part 1 is the tile of their noise.</summary>
    public const uint LesionPlaces = 45;

    /// <summary>Scalar laws of the sphere mask.</summary>
    public const uint SphereMaskLaws = 46;

    /// <summary>Normal numbers of its lattices' tile, element = lattice point.</summary>
    public const uint SphereMaskLattice = 47;

    /// <summary>Scalar laws of the cells.</summary>
    public const uint CellLaws = 48;

    /// <summary>What is drawn for each cell, element = the cell; in a part of its own the normal numbers of their lattice's tile.</summary>
    public const uint CellNodes = 49;

    /// <summary>Scalar laws of the shell.</summary>
    public const uint ShellLaws = 52;

    /// <summary>Normal numbers of its lattices' tile, element = lattice point.</summary>
    public const uint ShellLattice = 53;

    /// <summary>Scalar laws of the bones.</summary>
    public const uint BoneLaws = 54;

    /// <summary>What is drawn for each long bone, element = the bone.</summary>
    public const uint BonePieces = 55;

    /// <summary>What operations on labels draw.</summary>
    public const uint LabelOpsLaws = 56;

    /// <summary>
    /// Normal draws on the coarse grids of the velocity of a label map's deformation, element = flat index over [scale][component][node].
    /// </summary>
    public const uint VelocityNodes = 57;

    /// <summary>Normal draws of what few photons leave of the traces of metal, element = 256 times the metal and the direction.</summary>
    public const uint MetalNoise = 59;

    /// <summary>Scalar laws of a deformation of all labels so far.</summary>
    public const uint DeformationLaws = 85;

    /// <summary>Normal draws on the coarse grids of its displacement, element = flat index over [scale][component][node].</summary>
    public const uint DisplacementOfAllNodes = 86;

    /// <summary>Normal draws on the coarse grids of its velocity, likewise.</summary>
    public const uint VelocityOfAllNodes = 87;
}
