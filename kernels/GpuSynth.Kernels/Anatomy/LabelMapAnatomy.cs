using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// LabelMapAnatomy: label(p) = map[floor(q + 1/2)],  q = M (p + F(p)) + t,  0 outside the map.
//   F: a smooth displacement in output voxels, the sum over scales of corner-aligned coarse grids, channel = component in array
//   order (z, y, x; in 2D y, x). M, t: LabelMapTransform.
// map: byte[Dm,Hm,Wm]; label: byte[D,H,W], written once; nodes: float, from the cache. About 2 B/voxel.
// Labels: the same on every device, away from ties (q within rounding of the middle between two map voxels).
// Reference: LabelMapAnatomy.Reference.cs. This is how the engine runs on real label maps, the way SynthSeg is used
// (Billot et al., Medical Image Analysis 86, 2023).

/// <summary>Labels from a real label map under an affine and a smooth deformation.</summary>
public static partial class LabelMapAnatomy
{
    /// <summary>One voxel: nearest neighbour in the map at M (p + f) + t.</summary>
    /// <param name="map">The map, bytes [D, H, W].</param>
    /// <param name="transform">M, t and the sizes.</param>
    /// <param name="z">Displaced voxel position along z.</param>
    /// <param name="y">Displaced voxel position along y.</param>
    /// <param name="x">Displaced voxel position along x.</param>
    public static byte Voxel(ArrayView<byte> map, LabelMapTransform transform, float z, float y, float x)
    {
        int index = Index(transform, z, y, x);
        return index < 0 ? (byte)0 : map[index];
    }

    /// <summary>Linear index of the nearest map voxel, or -1 outside the map.</summary>
    public static int Index(LabelMapTransform transform, float z, float y, float x)
    {
        float qz = (transform.ZZ * z) + (transform.ZY * y) + (transform.ZX * x) + transform.Z;
        float qy = (transform.YZ * z) + (transform.YY * y) + (transform.YX * x) + transform.Y;
        float qx = (transform.XZ * z) + (transform.XY * y) + (transform.XX * x) + transform.X;

        // Compared as numbers, before anything becomes an int: a position far outside would not fit one.
        float nearestZ = KernelMath.Floor(qz + 0.5f);
        float nearestY = KernelMath.Floor(qy + 0.5f);
        float nearestX = KernelMath.Floor(qx + 0.5f);
        bool inside = nearestZ >= 0f && nearestZ < transform.MapDepth && nearestY >= 0f && nearestY < transform.MapHeight
            && nearestX >= 0f && nearestX < transform.MapWidth;
        return inside ? (((((int)nearestZ * transform.MapHeight) + (int)nearestY) * transform.MapWidth) + (int)nearestX) : -1;
    }

    // One thread per voxel.
    internal static void Kernel(
        Index1D voxel,
        ArrayView<byte> map,
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        LabelMapTransform transform,
        ArrayView<byte> labelDHW)
    {
        int row = voxel.X / transform.Width;
        int x = voxel.X - (row * transform.Width);
        int z = row / transform.Height;
        int y = row - (z * transform.Height);
        int last = transform.Dimensions - 1;
        float shiftZ = transform.Dimensions == 3 ? NoiseField.Sum(nodes, scales, 0, z, y, x) : 0f;
        float shiftY = NoiseField.Sum(nodes, scales, last - 1, z, y, x);
        float shiftX = NoiseField.Sum(nodes, scales, last, z, y, x);
        labelDHW[voxel] = Voxel(map, transform, z + shiftZ, y + shiftY, x + shiftX);
    }

    /// <summary>The label-map anatomy on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<AcceleratorStream, Index1D, ArrayView<byte>, ArrayView<float>, ArrayView<NoiseGridScale>,
            LabelMapTransform, ArrayView<byte>> kernel;

        /// <summary>Compiles the kernel for an accelerator.</summary>
        public Launcher(Accelerator accelerator) =>
            kernel = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<byte>, ArrayView<float>, ArrayView<NoiseGridScale>,
                LabelMapTransform, ArrayView<byte>>(Kernel);

        /// <summary>Writes the label of every voxel.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="map">The map, bytes [D, H, W].</param>
        /// <param name="nodes">Nodes of the deformation in output voxels, already scaled; one float that is not read without
        /// one.</param>
        /// <param name="scales">Its scales, from <see cref="NoiseField.Scales"/>; empty: no deformation.</param>
        /// <param name="transform">M, t and the sizes.</param>
        /// <param name="shape">Shape of the output.</param>
        /// <param name="labelDHW">Labels [D, H, W], written.</param>
        /// <exception cref="ArgumentException">A length does not fit the transform or the shape.</exception>
        public void Run(
            AcceleratorStream stream,
            ArrayView<byte> map,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            in LabelMapTransform transform,
            VolumeShape shape,
            ArrayView<byte> labelDHW)
        {
            CheckFits(transform, shape);
            LaunchCheck.Length(map.Length, (long)transform.MapDepth * transform.MapHeight * transform.MapWidth, nameof(map));
            LaunchCheck.Length(labelDHW.Length, shape.VoxelCount, nameof(labelDHW));
            LaunchCheck.Extent(map.Length, nameof(map));
            kernel(stream, LaunchCheck.Extent(labelDHW.Length, nameof(labelDHW)), map, nodes, scales, transform, labelDHW);
        }
    }

    internal static void CheckFits(in LabelMapTransform transform, VolumeShape shape)
    {
        if (transform.Dimensions != shape.Dimensions || transform.Height != shape.Height || transform.Width != shape.Width)
        {
            throw new ArgumentException($"The transform was built for another output shape than {shape}.", nameof(transform));
        }
    }
}
