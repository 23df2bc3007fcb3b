using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>What a component costs per voxel where it stands in a recipe, counted for its host form.</summary>
internal static class ComponentCost
{
    /// <summary>The cost, of which the operations count: bytes are a pass's, not a component's. Null where nobody has counted.</summary>
    /// <param name="component">The component; what is pointwise is counted for one sample of it.</param>
    /// <param name="shape">Shape of a sample.</param>
    public static KernelCost? Of(Component component, VolumeShape shape) => component switch
    {
        IVoxelComponent voxel => OfSample(component, voxel, shape),
        Bias bias => BiasFieldBenchmark.CostOf(shape, bias.Grid(shape)),
        IStageComponent stage => StageBenchmark.CostOf(stage, component, shape),
        NoiseAnatomy { Displacement: { } displacement } noise => NoiseAnatomyBenchmark.CostOf(
            shape,
            noise.LabelCount(shape.Side),
            Grid(displacement.Layout(shape, noise.LabelCount(shape.Side) * shape.Dimensions))),
        LabelMapAnatomy maps when maps.ShiftOf(shape).Layout is { } displacement => LabelMapAnatomyBenchmark.CostOf(shape, Grid(displacement)),
        Deformation moves when moves.ShiftOf(shape).Layout is { } displacement => LabelMapAnatomyBenchmark.CostOf(shape, Grid(displacement)),
        _ => null,
    };

    private static KernelCost OfSample(Component component, IVoxelComponent voxel, VolumeShape shape)
    {
        using var row = new DrawnComponent(component, shape, PointwiseBenchmark.Labels, DrawnComponent.FirstSample);
        return KernelCost.Of(voxel.CostOf(row.Place, row.Row));
    }

    private static KnotGrid Grid(NoiseGridLayout layout) => new(layout, KnotAxis.OfNodes(layout));
}
