namespace ILGPU;

/// <summary>The groups of a launch and the threads of each.</summary>
public readonly struct KernelConfig
{
    /// <summary>Groups and threads along X.</summary>
    /// <param name="gridDim">The number of groups.</param>
    /// <param name="groupDim">The number of threads per group.</param>
    public KernelConfig(Index1D gridDim, Index1D groupDim)
        : this(new Index3D(gridDim, 1, 1), new Index3D(groupDim, 1, 1))
    {
    }

    /// <summary>Groups and threads along X and Y.</summary>
    /// <param name="gridDim">The number of groups.</param>
    /// <param name="groupDim">The number of threads per group.</param>
    public KernelConfig(Index2D gridDim, Index2D groupDim)
        : this(new Index3D(gridDim.X, gridDim.Y, 1), new Index3D(groupDim.X, groupDim.Y, 1))
    {
    }

    /// <summary>Groups and threads along X, Y and Z.</summary>
    /// <param name="gridDim">The number of groups.</param>
    /// <param name="groupDim">The number of threads per group.</param>
    public KernelConfig(Index3D gridDim, Index3D groupDim)
    {
        Check(gridDim, nameof(gridDim));
        Check(groupDim, nameof(groupDim));
        GridDim = gridDim;
        GroupDim = groupDim;
    }

    /// <summary>The number of groups.</summary>
    public Index3D GridDim { get; }

    /// <summary>The number of threads per group.</summary>
    public Index3D GroupDim { get; }

    /// <summary>Whether there is a thread to run.</summary>
    public bool IsValid => GridDim.LongSize > 0 && GroupDim.LongSize > 0;

    /// <summary>The number of threads of all groups.</summary>
    public long Size => GridDim.LongSize * GroupDim.LongSize;

    /// <summary>Groups and threads along X.</summary>
    /// <param name="dimensions">The number of groups, and of threads per group.</param>
    public static implicit operator KernelConfig((Index1D, Index1D) dimensions) => new(dimensions.Item1, dimensions.Item2);

    /// <summary>Groups and threads along X and Y.</summary>
    /// <param name="dimensions">The number of groups, and of threads per group.</param>
    public static implicit operator KernelConfig((Index2D, Index2D) dimensions) => new(dimensions.Item1, dimensions.Item2);

    /// <summary>Groups and threads along X, Y and Z.</summary>
    /// <param name="dimensions">The number of groups, and of threads per group.</param>
    public static implicit operator KernelConfig((Index3D, Index3D) dimensions) => new(dimensions.Item1, dimensions.Item2);

    private static void Check(Index3D dimension, string name)
    {
        if (dimension.X < 0 || dimension.Y < 0 || dimension.Z < 0)
        {
            throw new ArgumentOutOfRangeException(name, dimension, "A dimension of a launch is negative.");
        }
    }
}
