namespace GpuSynth.Kernels;

public static partial class Uniform
{
    /// <summary>Writes to[i] = the uniform number of element start + i, i below count.</summary>
    /// <param name="to"><paramref name="count"/> floats.</param>
    /// <param name="count">Numbers to write.</param>
    /// <param name="place">Place of the draw.</param>
    /// <param name="start">First element.</param>
    public static unsafe void HostFill(float* to, long count, in RandomPlace place, long start = 0) =>
        HostGroups.Fill<Draw>(to, count, in place, start, 1f);

    private readonly struct Draw : IGroupDraw
    {
        public static Four<F> Of<F, U>(in RandomPlace place, U block)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> => Block<F, U>(in place, block);
    }
}
