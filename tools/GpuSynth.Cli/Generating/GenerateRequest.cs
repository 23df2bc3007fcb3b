namespace GpuSynth.Cli.Generating;

/// <summary>What "gpusynth generate" was asked for.</summary>
/// <param name="Samples">Which samples.</param>
/// <param name="Format">How they are written.</param>
/// <param name="Folder">Where to.</param>
/// <param name="IsJson">Whether the report is JSON.</param>
internal sealed record GenerateRequest(ChosenSamples Samples, SampleFormat Format, string Folder, bool IsJson);
