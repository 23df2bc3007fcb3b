namespace GpuSynth.Cli.Generating;

/// <summary>What "gpusynth generate" was asked for.</summary>
/// <param name="Samples">Which samples.</param>
/// <param name="Format">How they are written.</param>
/// <param name="BatchSize">Samples of a batch; null: what suits the device and fits.</param>
/// <param name="Folder">Where to.</param>
/// <param name="IsJson">Whether the report is JSON.</param>
internal sealed record GenerateRequest(
    ChosenSamples Samples, SampleFormat Format, int? BatchSize, string Folder, bool IsJson);
