using GpuSynth.Benchmarking.Measuring;

namespace GpuSynth.Perf.Engine;

/// <summary>How fast whole samples were, one at a time.</summary>
/// <param name="Recipe">Name of the recipe.</param>
/// <param name="Size">Voxels in array order.</param>
/// <param name="Labels">Labels.</param>
/// <param name="Threads">Threads at work on a sample.</param>
/// <param name="Repetitions">Samples timed, each another one: samples differ in cost, and the spread shows it.</param>
/// <param name="Milliseconds">How they lie.</param>
/// <param name="NanosecondsPerVoxel">Of the median.</param>
/// <param name="VolumesPerSecond">Of the median.</param>
/// <param name="StageMilliseconds">Median of each stage.</param>
/// <param name="StageCeilingMilliseconds">
/// The least that the measured ceilings allow each stage (RaSD at 128^3 only; the draw is not counted): over what was measured,
/// its share.
/// </param>
/// <param name="WorkspaceBytes">Held by the engine beside the output.</param>
internal sealed record EngineResult(
    string Recipe,
    string Size,
    int Labels,
    int Threads,
    int Repetitions,
    Spread Milliseconds,
    double NanosecondsPerVoxel,
    double VolumesPerSecond,
    StageTimes StageMilliseconds,
    StageTimes? StageCeilingMilliseconds,
    long WorkspaceBytes);
