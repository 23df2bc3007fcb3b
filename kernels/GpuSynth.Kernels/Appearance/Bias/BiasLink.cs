using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The bias field as a link of a chain: I exp(b), b linear between the nodes of its table along each axis.</summary>
public readonly struct BiasLink : IChain<BiasLink>
{
    private readonly NumberTable nodes;
    private readonly BiasSpan span;
    private readonly int first;
    private readonly int slot;
    private readonly Divisor plane;
    private readonly Divisor width;
    private readonly Divisor stepsZ;
    private readonly Divisor stepsY;
    private readonly Divisor stepsX;
    private readonly uint last;
    private readonly uint firstNode;
    private readonly float factor;

    internal BiasLink(in StepPlace place, BiasGrid grid)
    {
        nodes = place.Table;
        span = new BiasSpan(grid);
        first = place.Entry.First;
        slot = place.TableSlot;
        plane = new Divisor(grid.Shape.Height * grid.Shape.Width);
        width = new Divisor(grid.Shape.Width);
        stepsZ = new Divisor(span.StepsZ);
        stepsY = new Divisor(span.StepsY);
        stepsX = new Divisor(span.StepsX);
        last = (uint)(grid.Shape.VoxelCount - 1);
        firstNode = 0;
        factor = 0;
    }

    private BiasLink(BiasLink link, uint firstNode, float factor)
    {
        nodes = link.nodes;
        span = link.span;
        first = link.first;
        slot = link.slot;
        plane = link.plane;
        width = link.width;
        stepsZ = link.stepsZ;
        stepsY = link.stepsY;
        stepsX = link.stepsX;
        last = link.last;
        this.firstNode = firstNode;
        this.factor = factor;
    }

    /// <inheritdoc/>
    public static BiasLink Load<F, U>(BiasLink chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => new(
            chain,
            (uint)(row.Sample * chain.span.Count),
            BiasField.Factor(F.Drawn<Bias.Drawn>(in row, chain.first).Peak, F.Measured(in row, chain.slot)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in BiasLink loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U voxel = voxels.First;
        return new Four<F>(
            values.A * F.Exp(loaded.Field<F, U>(voxel)),
            values.B * F.Exp(loaded.Field<F, U>(voxel + U.Of(16))),
            values.C * F.Exp(loaded.Field<F, U>(voxel + U.Of(32))),
            values.D * F.Exp(loaded.Field<F, U>(voxel + U.Of(48))));
    }

    // b at a voxel; behind the volume's end that of the last, for a table has nothing there.
    private F Field<F, U>(U voxel)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U z = plane.Divide<F, U>(U.Min(voxel, U.Of(last)), out U inPlane);
        U y = width.Divide<F, U>(inPlane, out U x);
        Locate<F, U>(z, span.NodesZ, stepsZ, span.PerStepZ, out U nearZ, out U farZ, out F alongZ);
        Locate<F, U>(y, span.NodesY, stepsY, span.PerStepY, out U nearY, out U farY, out F alongY);
        Locate<F, U>(x, span.NodesX, stepsX, span.PerStepX, out U nearX, out U farX, out F alongX);
        F below = NodeRow(nearZ, farZ, alongZ, nearY, nearX, farX, alongX);
        F above = NodeRow(nearZ, farZ, alongZ, farY, nearX, farX, alongX);
        return F.Of(factor) * F.Lerp(below, above, alongY);
    }

    private F NodeRow<F, U>(U nearZ, U farZ, F alongZ, U y, U nearX, U farX, F alongX)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U inPlane = (y * U.Of((uint)span.NodesX)) + U.Of(firstNode);
        U near = (nearZ * U.Of((uint)(span.NodesY * span.NodesX))) + inPlane;
        U far = (farZ * U.Of((uint)(span.NodesY * span.NodesX))) + inPlane;
        F low = F.Lerp(F.Look(in nodes, near + nearX), F.Look(in nodes, near + farX), alongX);
        F high = F.Lerp(F.Look(in nodes, far + nearX), F.Look(in nodes, far + farX), alongX);
        return F.Lerp(low, high, alongZ);
    }

    // Between which nodes of an axis a voxel lies, and where: exact quotients of whole numbers.
    private static void Locate<F, U>(U voxel, int nodes, Divisor steps, float perStep, out U near, out U far, out F along)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        near = steps.Divide<F, U>(voxel * U.Of((uint)(nodes - 1)), out U rest);
        far = U.Min(near + U.Of(1), U.Of((uint)(nodes - 1)));
        along = U.ToReal(rest) * F.Of(perStep);
    }
}
