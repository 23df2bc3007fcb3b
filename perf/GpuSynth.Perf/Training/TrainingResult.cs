namespace GpuSynth.Perf.Training;

/// <summary>One figure of the training feed.</summary>
/// <param name="Measure">What was measured.</param>
/// <param name="Setting">On what: size, batch, network.</param>
/// <param name="Count">Of how many steps or batches.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Target">What it has to stay below; null where nothing is asked.</param>
internal sealed record TrainingResult(
    string Measure, string Setting, int Count, double Value, string Unit, double? Target = null);
