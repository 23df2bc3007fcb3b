namespace GpuSynth.Kernels;

/// <summary>The blur on the host: only its result is written.</summary>
internal sealed unsafe class BlurHostStage(StepPlace place, int taps) : HostStage
{
    private readonly SeparableFilter filter = new(place.Facts.Shape, taps, OutsideVolume.Zeros);

    /// <inheritdoc/>
    public override long ScratchLength => filter.ScratchLength;

    /// <inheritdoc/>
    public override LaneCost Cost => filter.Cost;

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image) => filter.Exact(image, (float*)row.WordsAddress + place.Entry.Lists);

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        float* weights = (float*)row.WordsAddress + place.Entry.Lists;
        return Write(new FilteredPlanes<TSource>(in filter, weights, source, first, scratch), first, end, filter.Shape, image);
    }
}
