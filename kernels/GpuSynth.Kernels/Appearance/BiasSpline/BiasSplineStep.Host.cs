using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The field on the host: the nodes along a row are worked out once, so that a voxel looks at two of them, or at four.</summary>
internal sealed unsafe class BiasSplineStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        BiasSpline.Drawn drawn = Real16.Drawn<BiasSpline.Drawn>(block.Row, first);
        float* words = (float*)block.Words;
        float* nodes = stackalloc float[BiasSpline.Most + 2];
        for (int node = 0; node < drawn.Side; node++)
        {
            nodes[node] = NodeOf(words, in drawn, row.Z, row.Y, node);
        }

        if (lanes == 16)
        {
            Walk<Real16, Word16>(in drawn, nodes, words + drawn.WeightsX.First + row.X, shape.Width, values, count);
        }
        else
        {
            Walk<Real8, Word8>(in drawn, nodes, words + drawn.WeightsX.First + row.X, shape.Width, values, count);
        }
    }

    // A node of the row: the sum over those of the planes and rows around it.
    private float NodeOf(float* words, in BiasSpline.Drawn drawn, int z, int y, int node)
    {
        float* weightsZ = words + drawn.WeightsZ.First + z;
        float* weightsY = words + drawn.WeightsY.First + y;
        float* grid = words + drawn.Grid.First + node;
        float sum = 0;
        for (int a = 0; a < drawn.TapsZ; a++)
        {
            for (int b = 0; b < drawn.Taps; b++)
            {
                float weight = weightsZ[(a + 1) * shape.Depth] * weightsY[(b + 1) * shape.Height];
                sum = MathF.FusedMultiplyAdd(weight, grid[((((int)weightsZ[0] + a) * drawn.Side) + (int)weightsY[0] + b) * drawn.Side], sum);
            }
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk<F, U>(in BiasSpline.Drawn drawn, float* nodes, float* weights, int width, float* values, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        var table = new NumberTable(nodes);
        U last = U.Of((uint)(drawn.Side - drawn.Taps));
        for (int at = 0; at < count; at += F.Count)
        {
            // What lies behind the row's end is no node, and is not kept.
            U node = U.Min(F.Whole(F.Load(weights + at)), last);
            F field = F.Of(0f);
            for (int tap = 0; tap < drawn.Taps; tap++)
            {
                field = F.Fma(F.Load(weights + ((tap + 1) * width) + at), F.Look(in table, node + U.Of((uint)tap)), field);
            }

            F factor = drawn.IsExponential != 0 ? F.Exp(field) : field;
            F.Store(F.Load(values + at) * factor, values + at);
        }
    }
}
