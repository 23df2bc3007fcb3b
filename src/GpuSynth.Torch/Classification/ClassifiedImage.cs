using GpuSynth.Kernels;

namespace GpuSynth.Torch.Classification;

/// <summary>An image as it was found: its values are read when they are needed.</summary>
/// <param name="Name">The file's name without its extension, or the array's and the row's.</param>
/// <param name="ClassName">Its class.</param>
/// <param name="Part">"train", "val" or "test"; empty: to be split.</param>
/// <param name="Shape">Voxels.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Read">Gives the values [C, (D,) H, W].</param>
internal sealed record FoundImage(
    string Name, string ClassName, string Part, VolumeShape Shape, int Channels, Func<float[]> Read);

/// <summary>An image as a network sees it.</summary>
/// <param name="Name">As found.</param>
/// <param name="Patient">Whose it is; its own name where nothing tells.</param>
/// <param name="Class">From 0.</param>
/// <param name="Values">[C, (D,) H, W] of the common size, normalised.</param>
internal sealed record ClassifiedImage(string Name, string Patient, int Class, float[] Values);
