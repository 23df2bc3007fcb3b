using GpuSynth.Benchmarking;

namespace GpuSynth.Perf.Kernels;

/// <summary>How fast one kernel was.</summary>
/// <param name="Kernel">Its stem.</param>
/// <param name="Size">Voxels in array order.</param>
/// <param name="Threads">Threads at work.</param>
/// <param name="Repetitions">Timings.</param>
/// <param name="Milliseconds">How they lie, for the whole volume.</param>
/// <param name="NanosecondsPerVoxel">Of the median.</param>
/// <param name="CostPerVoxel">Counted from the source.</param>
/// <param name="GigabytesPerSecond">Counted bytes over the median.</param>
/// <param name="Gigaflops">Counted floating-point operations over the median.</param>
/// <param name="Ceiling">What binds: "multiply-add", or the copy bandwidth of the memory or cache that holds the data.</param>
/// <param name="CeilingNanosecondsPerVoxel">The least that this ceiling allows.</param>
/// <param name="ShareOfCeiling">That, over what was measured: 1 cannot be beaten.</param>
internal sealed record KernelResult(
    string Kernel,
    string Size,
    int Threads,
    int Repetitions,
    Spread Milliseconds,
    double NanosecondsPerVoxel,
    KernelCost CostPerVoxel,
    double GigabytesPerSecond,
    double Gigaflops,
    string Ceiling,
    double CeilingNanosecondsPerVoxel,
    double ShareOfCeiling);
