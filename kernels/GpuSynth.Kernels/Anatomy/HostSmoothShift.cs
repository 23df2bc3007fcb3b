namespace GpuSynth.Kernels;

/// <summary>
/// A <see cref="SmoothShift"/> on the host, from nodes to merged knots: one piece of preparation per component of the displacement, or one for all of
/// a flow. Of a sample in which nothing is displaced nothing is worked out.
/// </summary>
internal sealed unsafe class HostSmoothShift
{
    private readonly SmoothShift shift;
    private readonly NoiseGridLayout? layout;
    private readonly HostFlow? flow;
    private readonly KnotGrid? merged;
    private readonly uint drawnStream;
    private readonly uint velocityStream;
    private readonly string name;
    private readonly string suffix;
    private int nodes;
    private int knots;
    private int velocity;
    private int flows;
    private int flowsBeside;

    /// <summary>A displacement.</summary>
    /// <param name="shift">The displacement.</param>
    /// <param name="merged">What its grids are merged to; null without any.</param>
    /// <param name="streams">Streams of the nodes of its grids, and of its velocity.</param>
    /// <param name="name">What it is called in the plan.</param>
    /// <param name="suffix">What follows the names of the memory.</param>
    public HostSmoothShift(SmoothShift shift, KnotGrid? merged, (uint Drawn, uint Velocity) streams, string name, string suffix)
    {
        (this.shift, this.merged, this.name, this.suffix) = (shift, merged, name, suffix);
        (drawnStream, velocityStream) = streams;
        layout = shift.Layout;
        flow = shift.Flow is null ? null : new HostFlow(shift.Flow);
    }

    /// <summary>Pieces of preparation.</summary>
    public int PreparationCount => flow is null ? layout?.Channels ?? 0 : 1;

    /// <summary>Floats of scratch that preparation needs.</summary>
    public int ScratchLength => Math.Max(merged?.ScratchLength ?? 0, flow?.ScratchLength ?? 0);

    /// <summary>Declares the memory of one sample.</summary>
    public void Declare(IHostMemory memory)
    {
        nodes = memory.Floats($"{name} nodes{suffix}", (layout?.Length ?? 0) + 16, $"coarse grids of the {name}");
        knots = memory.Floats($"{name} knots{suffix}", merged?.Length ?? 0, $"the {name} on merged grids");
        if (flow is not null)
        {
            velocity = memory.Floats($"velocity nodes{suffix}", flow.VelocityLength, "coarse grids of the velocity");
            flows = memory.Floats($"flow{suffix}", flow.GridLength, "the flow of a velocity");
            flowsBeside = memory.Floats($"flow beside{suffix}", flow.GridLength, "the flow of every other squaring");
        }
    }

    /// <summary>Does one piece of preparation.</summary>
    public void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, in ShiftStd std, int piece, float* scratch)
    {
        if (!std.Moves(row))
        {
            return;
        }

        if (flow is null)
        {
            Merge(memory, row, in std, piece, scratch);
            return;
        }

        RandomPlace numbers = RowLayout.AnatomyPlace(row, velocityStream);
        for (int channel = 0; channel < layout!.Channels; channel++)
        {
            NodeDraw.Channel(shift.Flow!.Velocity, in numbers, channel, RowLayout.Numbers(row, std.Velocity), memory[velocity]);
        }

        flow.Integrate(memory[velocity], memory[flows], memory[flowsBeside], memory[nodes], scratch);
        for (int channel = 0; channel < layout.Channels; channel++)
        {
            Merge(memory, row, in std, channel, scratch);
        }
    }

    /// <summary>The merged knots of a sample; null where nothing is displaced.</summary>
    public float* Knots(IHostMemory memory, ReadOnlySpan<uint> row, in ShiftStd std) => std.Moves(row) ? memory[knots] : null;

    private void Merge(IHostMemory memory, ReadOnlySpan<uint> row, in ShiftStd std, int channel, float* scratch)
    {
        if (shift.Drawn is not null)
        {
            RandomPlace numbers = RowLayout.AnatomyPlace(row, drawnStream);
            float* drawn = memory[nodes] + (shift.Flow?.Layout.Length ?? 0);
            NodeDraw.Channel(shift.Drawn, in numbers, channel, RowLayout.Numbers(row, std.Drawn), drawn);
        }

        merged!.Merge(memory[nodes], channel, 1, memory[knots], scratch);
    }
}
