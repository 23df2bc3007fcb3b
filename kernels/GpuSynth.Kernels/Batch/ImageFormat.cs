namespace GpuSynth.Kernels;

/// <summary>How the values of an image are stored.</summary>
public enum ImageFormat
{
    /// <summary>32-bit float.</summary>
#pragma warning disable CA1720 // The name says which float: that is what the format is about.
    Float32 = 0,
#pragma warning restore CA1720

    /// <summary>16-bit float, IEEE 754 binary16, rounded to nearest even.</summary>
    Float16 = 1,

    /// <summary>16-bit brain float, the upper half of a 32-bit float, rounded to nearest even.</summary>
    BFloat16 = 2,
}
