using System.Text.Json;
using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>
/// Everything that was drawn for one sample, as ground truth: it travels with the batch, prints itself, and can be given back to
/// <see cref="SynthesisEngine.Apply"/>, changed or not. Coarse grids are not in it: the key and the seed name them.
/// </summary>
/// <remarks>
/// Made once by <see cref="SynthesisEngine.CreateDrawn"/> and filled again for each sample: no allocation per sample.
/// </remarks>
public sealed class DrawnSample
{
    internal DrawnSample(int labelCount, int fieldScales, int displacementScales, int deformationScales)
    {
        Means = new float[labelCount];
        FieldStd = new float[fieldScales];
        DisplacementStdVoxels = new float[displacementScales];
        DeformationStdVoxels = new float[deformationScales];
    }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; internal set; }

    /// <summary>Anatomy and appearance index.</summary>
    public SampleKey Key { get; internal set; }

    /// <summary>0, or how often the appearance was drawn again because the image held a NaN or an infinity.</summary>
    public uint Attempt { get; internal set; }

    /// <summary>Number of labels K.</summary>
    public int LabelCount => Means.Length;

    /// <summary>Mean intensity per label, [K].</summary>
    public float[] Means { get; }

    /// <summary>Standard deviation of the label fields' nodes per scale; empty for other anatomies.</summary>
    public float[] FieldStd { get; }

    /// <summary>Standard deviation of the displacements' nodes per scale, in voxels; empty without displacement.</summary>
    public float[] DisplacementStdVoxels { get; }

    /// <summary>Index of the label map, or -1 for other anatomies.</summary>
    public int LabelMapIndex { get; set; } = -1;

    /// <summary>File name of the label map, or null.</summary>
    public string? LabelMapName { get; set; }

    /// <summary>Rotation about z, y, x in degrees (label-map anatomy; 2D: the first).</summary>
    public float[] RotationDegrees { get; } = new float[3];

    /// <summary>Scaling along z, y, x (label-map anatomy).</summary>
    public float[] Scaling { get; } = [1, 1, 1];

    /// <summary>
    /// Off-diagonal entries of the shear matrix, zy, zx, yz, yx, xz, xy: zy is how far z moves per y (label-map anatomy).
    /// </summary>
    public float[] Shear { get; } = new float[6];

    /// <summary>Translation along z, y, x as a fraction of the side (label-map anatomy).</summary>
    public float[] TranslationOfSide { get; } = new float[3];

    /// <summary>Whether left and right changed places, and the labels of each side with them (label-map anatomy).</summary>
    public bool Flipped { get; set; }

    /// <summary>
    /// Edge of an output voxel in millimetres of the map; 0 where the field of view is fitted (label-map anatomy).
    /// </summary>
    public float VoxelSpacingMillimetres { get; set; }

    /// <summary>Standard deviation of the deformation's nodes per scale, in voxels; empty without one.</summary>
    public float[] DeformationStdVoxels { get; }

    /// <summary>Standard deviation of the bias field's white noise; 0 without a bias field.</summary>
    public float BiasStd { get; set; }

    /// <summary>Full width at half maximum of the bias field's blur along z, y, x, in voxels.</summary>
    public float[] BiasFwhmVoxels { get; } = new float[3];

    /// <summary>Uniform number that decides the maximum of the bias field.</summary>
    public float BiasMaximumUniform { get; set; }

    /// <summary>Standard deviation of the noise as a fraction of max|I|; 0 without noise.</summary>
    public float NoiseStdOfMaximum { get; set; }

    /// <summary>Standard deviation of the blur along z, y, x, in voxels; 0 without blur.</summary>
    public float[] BlurSigmaVoxels { get; } = new float[3];

    /// <summary>Exponent of the gamma curve; 1 without one.</summary>
    public float Gamma { get; set; } = 1;

    /// <summary>Measured: max|I| before the noise, where noise is drawn.</summary>
    public float MeasuredMaximum { get; internal set; }

    /// <summary>Measured: the intensity range that became 0 to 1.</summary>
    public (float Minimum, float Maximum) MeasuredRange { get; internal set; }

    /// <summary>Writes the sample as one JSON object: what was drawn under its names, units in the names.</summary>
    /// <param name="writer">Writer, at a place where an object may begin.</param>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("seed", Seed);
        writer.WriteNumber("anatomy", Key.Anatomy);
        writer.WriteNumber("appearance", Key.Appearance);
        writer.WriteNumber("attempt", Attempt);
        writer.WriteNumber("labelCount", LabelCount);
        Write(writer, "means", Means);
        Write(writer, "fieldStd", FieldStd);
        Write(writer, "displacementStdVoxels", DisplacementStdVoxels);
        if (LabelMapIndex >= 0)
        {
            writer.WriteString("labelMap", LabelMapName);
            Write(writer, "rotationDegreesZyx", RotationDegrees);
            Write(writer, "scalingZyx", Scaling);
            Write(writer, "shearZyZxYzYxXzXy", Shear);
            Write(writer, "translationOfSideZyx", TranslationOfSide);
            writer.WriteBoolean("flipped", Flipped);
            writer.WriteNumber("voxelSpacingMillimetres", VoxelSpacingMillimetres);
            Write(writer, "deformationStdVoxels", DeformationStdVoxels);
        }

        writer.WriteNumber("biasStd", BiasStd);
        Write(writer, "biasFwhmVoxelsZyx", BiasFwhmVoxels);
        writer.WriteNumber("biasMaximumUniform", BiasMaximumUniform);
        writer.WriteNumber("noiseStdOfMaximum", NoiseStdOfMaximum);
        Write(writer, "blurSigmaVoxelsZyx", BlurSigmaVoxels);
        writer.WriteNumber("gamma", Gamma);
        writer.WriteStartObject("measured");
        writer.WriteNumber("maximumBeforeNoise", MeasuredMaximum);
        writer.WriteNumber("rangeMinimum", MeasuredRange.Minimum);
        writer.WriteNumber("rangeMaximum", MeasuredRange.Maximum);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>An empty record for the same recipe and size.</summary>
    internal DrawnSample SameSizes() =>
        new(Means.Length, FieldStd.Length, DisplacementStdVoxels.Length, DeformationStdVoxels.Length);

    /// <summary>Whether both were made for recipes and sizes alike.</summary>
    internal bool HasSizesOf(DrawnSample other) => Means.Length == other.Means.Length
        && FieldStd.Length == other.FieldStd.Length
        && DisplacementStdVoxels.Length == other.DisplacementStdVoxels.Length
        && DeformationStdVoxels.Length == other.DeformationStdVoxels.Length;

    private static void Write(Utf8JsonWriter writer, string name, float[] values)
    {
        writer.WriteStartArray(name);
        foreach (float value in values)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }
}
