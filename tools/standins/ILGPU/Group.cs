using ILGPU.Runtime.CPU;

namespace ILGPU;

/// <summary>The groups of a launch, seen from a kernel thread.</summary>
public static class Grid
{
    /// <summary>This group's X.</summary>
    public static int IdxX => Index.X;

    /// <summary>This group's Y.</summary>
    public static int IdxY => Index.Y;

    /// <summary>This group's Z.</summary>
    public static int IdxZ => Index.Z;

    /// <summary>This group's index.</summary>
    public static Index3D Index => ThreadGroup.Running.GridIndex;

    /// <summary>The number of groups along X.</summary>
    public static int DimX => Dimension.X;

    /// <summary>The number of groups along Y.</summary>
    public static int DimY => Dimension.Y;

    /// <summary>The number of groups along Z.</summary>
    public static int DimZ => Dimension.Z;

    /// <summary>The number of groups.</summary>
    public static Index3D Dimension => ThreadGroup.Running.GridDim;

    /// <summary>This thread's index over the whole launch.</summary>
    public static Index3D GlobalIndex => new(
        (IdxX * Group.DimX) + Group.IdxX,
        (IdxY * Group.DimY) + Group.IdxY,
        (IdxZ * Group.DimZ) + Group.IdxZ);
}

/// <summary>The threads of a group, seen from one of them.</summary>
public static class Group
{
    /// <summary>This thread's X.</summary>
    public static int IdxX => Index.X;

    /// <summary>This thread's Y.</summary>
    public static int IdxY => Index.Y;

    /// <summary>This thread's Z.</summary>
    public static int IdxZ => Index.Z;

    /// <summary>This thread's index.</summary>
    public static Index3D Index => ThreadGroup.Running.GroupIndex;

    /// <summary>The number of threads along X.</summary>
    public static int DimX => Dimension.X;

    /// <summary>The number of threads along Y.</summary>
    public static int DimY => Dimension.Y;

    /// <summary>The number of threads along Z.</summary>
    public static int DimZ => Dimension.Z;

    /// <summary>The number of threads.</summary>
    public static Index3D Dimension => ThreadGroup.Running.GroupDim;

    /// <summary>This thread's number; X runs fastest.</summary>
    public static int LinearIndex => ThreadGroup.Running.LinearThreadIndex;

    /// <summary>Whether this is the group's first thread.</summary>
    public static bool IsFirstThread => LinearIndex == 0;

    /// <summary>Waits until every thread of the group has come here.</summary>
    public static void Barrier() => ThreadGroup.Running.Barrier();
}

/// <summary>Memory that the threads of a group share.</summary>
public static class SharedMemory
{
    /// <summary>Allocates shared memory; its contents are arbitrary.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="extent">The number of elements.</param>
    public static ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged => ThreadGroup.Running.Allocate<T>(extent);
}

/// <summary>Something was called that only a kernel may call.</summary>
public sealed class InvalidKernelOperationException : InvalidOperationException
{
    /// <summary>An exception without a message of its own.</summary>
    public InvalidKernelOperationException()
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">The message.</param>
    public InvalidKernelOperationException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public InvalidKernelOperationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
