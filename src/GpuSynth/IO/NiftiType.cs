namespace GpuSynth.IO;

/// <summary>A stored number type of NIfTI that this library reads.</summary>
internal sealed record NiftiType(short Code, string Name, int Bytes)
{
    /// <summary>Labels as they are written.</summary>
    public static readonly NiftiType UInt8 = new(2, "uint8", 1);

    /// <summary>Labels with large numbers as they are written.</summary>
    public static readonly NiftiType Int16 = new(4, "int16", 2);

    /// <summary>Labels with very large numbers as they are written.</summary>
    public static readonly NiftiType Int32 = new(8, "int32", 4);

    /// <summary>Images as they are written.</summary>
    public static readonly NiftiType Float32 = new(16, "float32", 4);

    /// <summary>Every type that is read.</summary>
    public static readonly IReadOnlyList<NiftiType> All =
    [
        UInt8, new(256, "int8", 1), Int16, new(512, "uint16", 2), Int32, new(768, "uint32", 4),
        new(1024, "int64", 8), new(1280, "uint64", 8), Float32, new(64, "float64", 8),
    ];

    /// <summary>The type of a header's datatype code.</summary>
    public static NiftiType Find(string path, short code)
    {
        foreach (NiftiType type in All)
        {
            if (type.Code == code)
            {
                return type;
            }
        }

        string name = code switch
        {
            0 => "unknown",
            1 => "1-bit",
            32 => "complex64",
            128 => "RGB colour",
            1536 => "float128",
            1792 => "complex128",
            2048 => "complex256",
            2304 => "RGBA colour",
            _ => "no NIfTI type",
        };
        string known = string.Join(", ", All.Select(type => type.Name));
        throw VolumeFileException.Reading(path, $"its voxels are of type {code} ({name}); convert it to one of {known}");
    }
}
