namespace ILGPU;

/// <summary>An index or extent of any dimension.</summary>
public interface IIndex
{
    /// <summary>The number of elements in an extent of this size.</summary>
    long Size { get; }
}

/// <summary>A one-dimensional index of 32 bits.</summary>
/// <param name="x">The index.</param>
public readonly struct Index1D(int x) : IIndex, IEquatable<Index1D>
{
    /// <summary>The only component.</summary>
    public int X { get; } = x;

    /// <summary>The number of elements in an extent of this size.</summary>
    public int Size => X;

    long IIndex.Size => X;

    /// <inheritdoc/>
    public bool Equals(Index1D other) => X == other.X;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index1D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => X;

    /// <inheritdoc/>
    public override string ToString() => $"({X})";

    /// <summary>The index as a number.</summary>
    /// <param name="idx">The index.</param>
    public static implicit operator int(Index1D idx) => idx.X;

    /// <summary>A number as an index.</summary>
    /// <param name="idx">The number.</param>
    public static implicit operator Index1D(int idx) => new(idx);

    /// <summary>The index in 64 bits.</summary>
    /// <param name="index">The index.</param>
    public static implicit operator LongIndex1D(Index1D index) => new(index.X);

    /// <summary>Whether two indices are equal.</summary>
    public static bool operator ==(Index1D first, Index1D second) => first.X == second.X;

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(Index1D first, Index1D second) => first.X != second.X;
}

/// <summary>A one-dimensional index of 64 bits.</summary>
/// <param name="x">The index.</param>
public readonly struct LongIndex1D(long x) : IIndex, IEquatable<LongIndex1D>
{
    /// <summary>The only component.</summary>
    public long X { get; } = x;

    /// <summary>The number of elements in an extent of this size.</summary>
    public long Size => X;

    /// <inheritdoc/>
    public bool Equals(LongIndex1D other) => X == other.X;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LongIndex1D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => X.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"({X})";

    /// <summary>The index as a number.</summary>
    /// <param name="idx">The index.</param>
    public static implicit operator long(LongIndex1D idx) => idx.X;

    /// <summary>A number as an index.</summary>
    /// <param name="idx">The number.</param>
    public static implicit operator LongIndex1D(long idx) => new(idx);

    /// <summary>The index in 32 bits.</summary>
    /// <param name="index">The index.</param>
    public static explicit operator Index1D(LongIndex1D index) => new(checked((int)index.X));

    /// <summary>Whether two indices are equal.</summary>
    public static bool operator ==(LongIndex1D first, LongIndex1D second) => first.X == second.X;

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(LongIndex1D first, LongIndex1D second) => first.X != second.X;
}

/// <summary>A two-dimensional index of 32 bits; X runs fastest over a launch.</summary>
/// <param name="x">The first component.</param>
/// <param name="y">The second component.</param>
public readonly struct Index2D(int x, int y) : IIndex, IEquatable<Index2D>
{
    /// <summary>The first component.</summary>
    public int X { get; } = x;

    /// <summary>The second component.</summary>
    public int Y { get; } = y;

    /// <summary>The number of elements in an extent of this size.</summary>
    public int Size => checked(X * Y);

    long IIndex.Size => (long)X * Y;

    /// <inheritdoc/>
    public bool Equals(Index2D other) => X == other.X && Y == other.Y;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index2D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y);

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y})";

    /// <summary>A tuple as an index.</summary>
    /// <param name="values">X and Y.</param>
    public static implicit operator Index2D((int, int) values) => new(values.Item1, values.Item2);

    /// <summary>Whether two indices are equal.</summary>
    public static bool operator ==(Index2D first, Index2D second) => first.Equals(second);

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(Index2D first, Index2D second) => !first.Equals(second);
}

/// <summary>A three-dimensional index of 32 bits; X runs fastest over a launch.</summary>
/// <param name="x">The first component.</param>
/// <param name="y">The second component.</param>
/// <param name="z">The third component.</param>
public readonly struct Index3D(int x, int y, int z) : IIndex, IEquatable<Index3D>
{
    /// <summary>The first component.</summary>
    public int X { get; } = x;

    /// <summary>The second component.</summary>
    public int Y { get; } = y;

    /// <summary>The third component.</summary>
    public int Z { get; } = z;

    /// <summary>The number of elements in an extent of this size.</summary>
    public int Size => checked(X * Y * Z);

    /// <summary>The number of elements in an extent of this size, in 64 bits.</summary>
    public long LongSize => (long)X * Y * Z;

    long IIndex.Size => LongSize;

    /// <inheritdoc/>
    public bool Equals(Index3D other) => X == other.X && Y == other.Y && Z == other.Z;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index3D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y, Z);

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y}, {Z})";

    /// <summary>A tuple as an index.</summary>
    /// <param name="values">X, Y and Z.</param>
    public static implicit operator Index3D((int, int, int) values) => new(values.Item1, values.Item2, values.Item3);

    /// <summary>Whether two indices are equal.</summary>
    public static bool operator ==(Index3D first, Index3D second) => first.Equals(second);

    /// <summary>Whether two indices differ.</summary>
    public static bool operator !=(Index3D first, Index3D second) => !first.Equals(second);
}
