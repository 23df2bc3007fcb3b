namespace GpuSynth.Cli;

/// <summary>The command line asks for something that cannot be: exit code 2.</summary>
internal sealed class WrongUseException(string message) : GpuSynthException(message);

/// <summary>A run that was stopped by the user; the message says what is complete.</summary>
internal sealed class StoppedException(string message) : OperationCanceledException(message);
