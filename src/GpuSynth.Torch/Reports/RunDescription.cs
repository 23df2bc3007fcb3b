namespace GpuSynth.Torch.Reports;

/// <summary>A run in a reader's words: what the pages of both kinds of run say of it.</summary>
public abstract record RunDescription
{
    /// <summary>The run's name: the name of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>"finished", "running", "stopped at step 120" or the like.</summary>
    public required string Status { get; init; }

    /// <summary>The command that runs this again, as typed.</summary>
    public required string Command { get; init; }

    /// <summary>The network in words, such as "residual U-Net 3D, channels 16, 32, 64, 128".</summary>
    public required string Network { get; init; }

    /// <summary>Trained parameters.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>The network's device, with its name where it has one: "cpu", "cuda:0 (NVIDIA H100)".</summary>
    public required string Device { get; init; }

    /// <summary>Processor cores that the run could use.</summary>
    public required int Cores { get; init; }

    /// <summary>Time spent in training, over all resumptions and arms.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Versions by name: GpuSynth, torch, .NET, operating system.</summary>
    public IReadOnlyList<(string Name, string Version)> Versions { get; init; } = [];
}
