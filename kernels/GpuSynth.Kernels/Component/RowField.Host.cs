using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <content>On the host, along rows.</content>
public readonly partial struct RowField
{
    /// <summary>The field at consecutive voxels: what the nodes of a row of voxels are is worked out once.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="to">Written, and up to a vector behind its end.</param>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="first">The first voxel.</param>
    /// <param name="count">Voxels.</param>
    internal unsafe void HostFill<F, U>(in Row row, float* to, VolumeShape shape, long first, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float* own = (float*)row.WordsAddress + nodes.First;
        if (lastNode == 0)
        {
            new Span<float>(to, count).Fill(own[0]);
            return;
        }

        float* along = stackalloc float[(int)lastNode + 1];
        var block = new HostBlock { First = first, Count = count };
        int part;
        for (int done = 0; done < count; done += part)
        {
            HostRow here = HostRow.At(shape, in block, done, out part);
            NodesOf(own, here.Z, here.Y, along);
            Fill<F, U>(new NumberTable(along), (uint)here.X, to + done, part);
        }
    }

    // The nodes along x of the field in a row of voxels.
    private unsafe void NodesOf(float* own, int z, int y, float* along)
    {
        int count = (int)lastNode + 1;
        (int nearZ, int farZ, float alongZ) = Located(z * perVoxelZ, (int)lastPlane);
        (int nearY, int farY, float alongY) = Located(y * perVoxelY, (int)lastNode);
        for (int x = 0; x < count; x++)
        {
            float low = Between(own[(((nearZ * count) + nearY) * count) + x], own[(((nearZ * count) + farY) * count) + x], alongY);
            float high = Between(own[(((farZ * count) + nearY) * count) + x], own[(((farZ * count) + farY) * count) + x], alongY);
            along[x] = Between(low, high, alongZ);
        }

        static (int Near, int Far, float Along) Located(float at, int last)
        {
            int near = Math.Min((int)at, last);
            return (near, Math.Min(near + 1, last), at - near);
        }

        static float Between(float near, float far, float share) => MathF.FusedMultiplyAdd(share, far - near, near);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Fill<F, U>(in NumberTable along, uint x, float* to, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int at = 0; at < count; at += F.Count)
        {
            Locate<F, U>(F.CountFrom(x + (uint)at), perVoxelX, lastNode, out U near, out U far, out F share);
            F.Store(F.Lerp(F.Look(in along, near), F.Look(in along, far), share), to + at);
        }
    }
}
