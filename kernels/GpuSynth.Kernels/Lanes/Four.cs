using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// What is worked on at once where random numbers are needed: one block of Philox serves four voxels, 16 apart (see
/// <see cref="Uniform"/>), of a device's thread, or four vectors of the host.
/// </summary>
/// <typeparam name="T">A lane.</typeparam>
/// <param name="a">The first.</param>
/// <param name="b">16 voxels behind it.</param>
/// <param name="c">32 voxels behind it.</param>
/// <param name="d">48 voxels behind it.</param>
[StructLayout(LayoutKind.Sequential)]
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
public readonly struct Four<T>(T a, T b, T c, T d)
    where T : struct
{
    /// <summary>The first.</summary>
    public readonly T A = a;

    /// <summary>16 voxels behind the first.</summary>
    public readonly T B = b;

    /// <summary>32 voxels behind the first.</summary>
    public readonly T C = c;

    /// <summary>48 voxels behind the first.</summary>
    public readonly T D = d;
}
