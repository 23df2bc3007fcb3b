using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// Sixteen voxels of an image, planar: float[C][16], so that whatever the layout in memory, a channel of sixteen voxels is one
/// vector.
/// </summary>
internal static unsafe class FeatureBlock
{
    /// <summary>Voxels of a block.</summary>
    public const int Voxels = 16;

    /// <summary>Reads a block; voxels beyond the count are 0.</summary>
    /// <param name="image">First value of the image.</param>
    /// <param name="layout">Where its values lie.</param>
    /// <param name="first">First voxel.</param>
    /// <param name="count">Voxels, at most 16.</param>
    /// <param name="block">Written: float[C][16].</param>
    public static void Load<T>(byte* image, in FeatureLayout layout, int first, int count, float* block)
        where T : struct, IWideElement
    {
        int channels = layout.Channels;
        long start = (long)first * layout.VoxelStride;
        int channel = 0;
        if (count == Voxels && layout.VoxelStride == 1)
        {
            for (; channel < channels; channel++)
            {
                T.Load(image, start + ((long)channel * layout.ChannelStride)).Store(block + (channel * Voxels));
            }
        }
        else if (count == Voxels && layout.ChannelStride == 1)
        {
            for (; channel + 4 <= channels; channel += 4)
            {
                for (int voxel = 0; voxel < Voxels; voxel += 4)
                {
                    long place = start + ((long)voxel * layout.VoxelStride) + channel;
                    Vector128<float> a = T.LoadFour(image, place);
                    Vector128<float> b = T.LoadFour(image, place + layout.VoxelStride);
                    Vector128<float> c = T.LoadFour(image, place + (2L * layout.VoxelStride));
                    Vector128<float> d = T.LoadFour(image, place + (3L * layout.VoxelStride));
                    Transpose(ref a, ref b, ref c, ref d);
                    float* to = block + (channel * Voxels) + voxel;
                    a.Store(to);
                    b.Store(to + Voxels);
                    c.Store(to + (2 * Voxels));
                    d.Store(to + (3 * Voxels));
                }
            }
        }

        for (; channel < channels; channel++)
        {
            long place = start + ((long)channel * layout.ChannelStride);
            for (int voxel = 0; voxel < Voxels; voxel++)
            {
                block[(channel * Voxels) + voxel] =
                    voxel < count ? T.LoadOne(image, place + ((long)voxel * layout.VoxelStride)) : 0f;
            }
        }
    }

    /// <summary>Writes a block; the way back from <see cref="Load{T}"/>.</summary>
    /// <param name="image">First value of the image.</param>
    /// <param name="layout">Where its values lie.</param>
    /// <param name="first">First voxel.</param>
    /// <param name="count">Voxels, at most 16.</param>
    /// <param name="block">float[C][16].</param>
    public static void Store<T>(byte* image, in FeatureLayout layout, int first, int count, float* block)
        where T : struct, IWideElement
    {
        int channels = layout.Channels;
        long start = (long)first * layout.VoxelStride;
        int channel = 0;
        if (count == Voxels && layout.VoxelStride == 1)
        {
            for (; channel < channels; channel++)
            {
                T.Store(Vector512.Load(block + (channel * Voxels)), image, start + ((long)channel * layout.ChannelStride));
            }
        }
        else if (count == Voxels && layout.ChannelStride == 1)
        {
            for (; channel + 4 <= channels; channel += 4)
            {
                for (int voxel = 0; voxel < Voxels; voxel += 4)
                {
                    float* from = block + (channel * Voxels) + voxel;
                    Vector128<float> a = Vector128.Load(from);
                    Vector128<float> b = Vector128.Load(from + Voxels);
                    Vector128<float> c = Vector128.Load(from + (2 * Voxels));
                    Vector128<float> d = Vector128.Load(from + (3 * Voxels));
                    Transpose(ref a, ref b, ref c, ref d);
                    long place = start + ((long)voxel * layout.VoxelStride) + channel;
                    T.StoreFour(a, image, place);
                    T.StoreFour(b, image, place + layout.VoxelStride);
                    T.StoreFour(c, image, place + (2L * layout.VoxelStride));
                    T.StoreFour(d, image, place + (3L * layout.VoxelStride));
                }
            }
        }

        for (; channel < channels; channel++)
        {
            long place = start + ((long)channel * layout.ChannelStride);
            for (int voxel = 0; voxel < count; voxel++)
            {
                T.StoreOne(block[(channel * Voxels) + voxel], image, place + ((long)voxel * layout.VoxelStride));
            }
        }
    }

    /// <summary>Sixteen labels as numbers; -1 beyond the count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Labels(byte* labels, int count)
    {
        if (count == Voxels)
        {
            Vector128<byte> bytes = Vector128.Load(labels);
            Vector256<ushort> words = Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
            return Vector512.Create(Vector256.WidenLower(words), Vector256.WidenUpper(words)).AsInt32();
        }

        Vector512<int> result = Vector512.Create(-1);
        for (int voxel = 0; voxel < count; voxel++)
        {
            result = result.WithElement(voxel, labels[voxel]);
        }

        return result;
    }

    // a0 a1 a2 a3, b.., c.., d.. to a0 b0 c0 d0, a1 b1 .., and so on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector128<float> a, ref Vector128<float> b, ref Vector128<float> c, ref Vector128<float> d)
    {
        if (Sse.IsSupported)
        {
            Vector128<float> ab = Sse.UnpackLow(a, b);
            Vector128<float> cd = Sse.UnpackLow(c, d);
            Vector128<float> abHigh = Sse.UnpackHigh(a, b);
            Vector128<float> cdHigh = Sse.UnpackHigh(c, d);
            a = Sse.MoveLowToHigh(ab, cd);
            b = Sse.MoveHighToLow(cd, ab);
            c = Sse.MoveLowToHigh(abHigh, cdHigh);
            d = Sse.MoveHighToLow(cdHigh, abHigh);
            return;
        }

        (Vector128<float> w, Vector128<float> x, Vector128<float> y, Vector128<float> z) = (a, b, c, d);
        a = Vector128.Create(w.GetElement(0), x.GetElement(0), y.GetElement(0), z.GetElement(0));
        b = Vector128.Create(w.GetElement(1), x.GetElement(1), y.GetElement(1), z.GetElement(1));
        c = Vector128.Create(w.GetElement(2), x.GetElement(2), y.GetElement(2), z.GetElement(2));
        d = Vector128.Create(w.GetElement(3), x.GetElement(3), y.GetElement(3), z.GetElement(3));
    }
}
