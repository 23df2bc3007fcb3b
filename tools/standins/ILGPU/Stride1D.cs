namespace ILGPU;

/// <summary>The distance between neighbours of a one-dimensional view.</summary>
public interface IStride1D;

/// <summary>One-dimensional strides.</summary>
public static class Stride1D
{
    /// <summary>Neighbours touch: a stride of one element.</summary>
    public readonly struct Dense : IStride1D;
}
