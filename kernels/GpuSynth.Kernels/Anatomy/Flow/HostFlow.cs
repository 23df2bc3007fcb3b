using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The flow of a velocity on the host: the velocity is merged at the nodes of the displacement (<see cref="KnotGrid"/>), then squared there, sixteen
/// nodes of a row at a time.
/// </summary>
/// <param name="grid">Where velocity and displacement are.</param>
internal sealed unsafe class HostFlow(FlowGrid grid)
{
    private const int Lanes = 16;
    private readonly KnotGrid knots = new(grid.Velocity, grid.Knots);

    /// <summary>Floats of the velocity's nodes.</summary>
    public int VelocityLength => grid.Velocity.Length + Lanes;

    /// <summary>Floats of each of the two grids that squarings go to and fro between.</summary>
    public long GridLength => knots.Length;

    /// <summary>Floats of scratch.</summary>
    public int ScratchLength => knots.ScratchLength;

    /// <summary>Integrates a velocity.</summary>
    /// <param name="velocity">Its nodes in voxels, <see cref="VelocityLength"/> floats.</param>
    /// <param name="one">Scratch, <see cref="GridLength"/> floats.</param>
    /// <param name="other">The same.</param>
    /// <param name="nodes">Written: the displacement's nodes in voxels, laid out by <see cref="FlowGrid.Layout"/>.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public void Integrate(float* velocity, float* one, float* other, float* nodes, float* scratch)
    {
        for (int channel = 0; channel < grid.Layout.Channels; channel++)
        {
            knots.Merge(velocity, channel, grid.FirstStep, one, scratch);
        }

        for (int squaring = 0; squaring < grid.Squarings; squaring++)
        {
            Square(one, other);
            float* last = one;
            one = other;
            other = last;
        }

        // An axis of one voxel has two nodes, and one knot.
        (int depth, int height, int width) = grid.Layout.Nodes(0);
        for (int channel = 0; channel < grid.Layout.Channels; channel++)
        {
            for (int row = 0; row < depth * height; row++)
            {
                int z = Math.Min(row / height, knots.Z.Count - 1);
                int y = Math.Min(row % height, knots.Y.Count - 1);
                float* from = one + ((long)channel * knots.ChannelStride) + (z * knots.PlaneLength) + (y * knots.X.Count);
                for (int x = 0; x < width; x++)
                {
                    *nodes++ = from[Math.Min(x, knots.X.Count - 1)];
                }
            }
        }
    }

    // u(x) + u(x + u(x)). A row's last vector runs over into the next row, which is written after it; behind the last there is room.
    private void Square(float* from, float* to)
    {
        Vector512<float> lane = Vector512.ConvertToSingle(HostMath.Indices);
        bool isVolume = grid.Layout.Channels == 3;
        float* alongY = from + (isVolume ? knots.ChannelStride : 0);
        float* alongX = alongY + knots.ChannelStride;
        int row = 0;
        for (int z = 0; z < knots.Z.Count; z++)
        {
            for (int y = 0; y < knots.Y.Count; y++, row += knots.X.Count)
            {
                for (int x = 0; x < knots.X.Count; x += Lanes)
                {
                    int at = row + x;
                    Corner corner = default;
                    if (isVolume)
                    {
                        Place(Vector512.Create((float)z), from + at, grid.PerVoxelZ, knots.Z.Count, out Vector512<int> cellZ, out corner.Tz);
                        corner.Cell = cellZ * knots.PlaneLength;
                        corner.StepZ = knots.Z.Count > 1 ? knots.PlaneLength : 0;
                    }

                    Place(Vector512.Create((float)y), alongY + at, grid.PerVoxelY, knots.Y.Count, out Vector512<int> cellY, out corner.Ty);
                    Place(Vector512.Create((float)x) + lane, alongX + at, grid.PerVoxelX, knots.X.Count, out Vector512<int> cellX, out corner.Tx);
                    corner.Cell += (cellY * knots.X.Count) + cellX;
                    corner.StepY = knots.Y.Count > 1 ? knots.X.Count : 0;
                    corner.StepX = knots.X.Count > 1 ? 1 : 0;
                    for (int channel = 0; channel < grid.Layout.Channels; channel++)
                    {
                        float* own = from + ((long)channel * knots.ChannelStride);
                        (Vector512.Load(own + at) + Sampled(own, in corner, isVolume)).Store(to + ((long)channel * knots.ChannelStride) + at);
                    }
                }
            }
        }
    }

    // The cell of a node that is moved, and how far it is in there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Place(Vector512<float> node, float* shift, float perVoxel, int count, out Vector512<int> cell, out Vector512<float> t)
    {
        Vector512<float> moved = HostMath.Fma(Vector512.Load(shift), Vector512.Create(perVoxel), node);
        moved = Vector512.MinNative(Vector512.MaxNative(moved, Vector512<float>.Zero), Vector512.Create((float)(count - 1)));
        Vector512<float> below = Vector512.MinNative(Vector512.Floor(moved), Vector512.Create((float)Math.Max(0, count - 2)));
        cell = Vector512.ConvertToInt32Native(below);
        t = moved - below;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sampled(float* own, in Corner corner, bool isVolume)
    {
        Vector512<float> below = InPlane(own, in corner);
        return isVolume ? HostMath.Lerp(below, InPlane(own + corner.StepZ, in corner), corner.Tz) : below;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> InPlane(float* own, in Corner corner)
    {
        float* above = own + corner.StepY;
        Vector512<float> lower = HostMath.Lerp(HostMath.Gather(own, corner.Cell), HostMath.Gather(own + corner.StepX, corner.Cell), corner.Tx);
        Vector512<float> upper = HostMath.Lerp(HostMath.Gather(above, corner.Cell), HostMath.Gather(above + corner.StepX, corner.Cell), corner.Tx);
        return HostMath.Lerp(lower, upper, corner.Ty);
    }

    private struct Corner
    {
        public Vector512<int> Cell;
        public Vector512<float> Tz;
        public Vector512<float> Ty;
        public Vector512<float> Tx;
        public int StepZ;
        public int StepY;
        public int StepX;
    }
}
