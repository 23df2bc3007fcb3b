namespace GpuSynth.Kernels;

// SmoothShift: u(x), in voxels, the same for all labels: the sum over scales of corner-aligned coarse grids (NoiseField), and of what the flow of a
// velocity displaces (FlowGrid), which lives on a coarse grid too, the first of them.

/// <summary>A smooth displacement of all labels alike: grids that are drawn, and the flow of a velocity.</summary>
internal sealed class SmoothShift
{
    private readonly VolumeShape shape;

    /// <summary>Lays out the grids.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="drawn">The grids that are drawn; null: none.</param>
    /// <param name="velocity">The velocity; null: none.</param>
    public SmoothShift(VolumeShape shape, ShiftGrids? drawn, ShiftGrids? velocity)
    {
        this.shape = shape;
        Drawn = drawn?.Layout(shape, shape.Dimensions);
        Flow = velocity is null ? null : new FlowGrid(shape, velocity);
        Layout = Flow is null
            ? Drawn
            : new NoiseGridLayout(shape, [Flow.Spacing, .. drawn?.ScalesInVoxels(shape.Side) ?? []], shape.Dimensions);
    }

    /// <summary>The grids that are drawn; null without any.</summary>
    public NoiseGridLayout? Drawn { get; }

    /// <summary>The flow of the velocity; null without one.</summary>
    public FlowGrid? Flow { get; }

    /// <summary>All coarse grids, that of the flow first; null without any.</summary>
    public NoiseGridLayout? Layout { get; }

    /// <summary>The displacement on a device.</summary>
    /// <param name="ofDrawn">Where the nodes of the grids are drawn.</param>
    /// <param name="ofVelocity">Where those of the velocity are.</param>
    /// <param name="name">What it is called in the plan.</param>
    /// <param name="suffix">What follows the names of the memory.</param>
    public DeviceShifts OnDevice(NodeNumbers ofDrawn, NodeNumbers ofVelocity, string name, string suffix) => new(
        new ShiftGrid(shape, Layout, 1, slips: false),
        ofDrawn,
        name,
        suffix,
        Flow is null ? null : new DeviceFlow(Flow, ofVelocity, suffix),
        Flow is null ? null : Drawn ?? new NoiseGridLayout(shape, [], shape.Dimensions));
}

/// <summary>What was drawn of a displacement for a sample: the standard deviations of nodes, per scale, in voxels.</summary>
/// <param name="Drawn">Of the grids.</param>
/// <param name="Velocity">Of the velocity.</param>
internal readonly record struct ShiftStd(WordList Drawn, WordList Velocity)
{
    /// <summary>Whether anything is displaced.</summary>
    /// <param name="row">The sample's row.</param>
    public bool Moves(ReadOnlySpan<uint> row) =>
        RowLayout.Numbers(row, Drawn).ContainsAnyExcept(0f) || RowLayout.Numbers(row, Velocity).ContainsAnyExcept(0f);
}
