namespace GpuSynth.Cli;

/// <summary>What every command is given.</summary>
/// <param name="Output">Where it writes.</param>
/// <param name="Interruption">What stops it early.</param>
internal sealed record ToolContext(Output Output, Interruption Interruption)
{
    /// <summary>Cancelled when the user or the system stops the tool.</summary>
    public CancellationToken Stop => Interruption.Token;
}
