namespace GpuSynth.Devices;

/// <summary>
/// Events between the generator's stream and a trainer's. Nothing here makes the host wait but <see cref="Wait"/>.
/// </summary>
internal interface IStreamEvents
{
    /// <summary>A new event, not recorded yet: waiting for it waits for nothing.</summary>
    nint Create();

    /// <summary>Gives an event back.</summary>
    void Destroy(nint streamEvent);

    /// <summary>The generator's stream has come this far.</summary>
    void Record(nint streamEvent);

    /// <summary>A trainer's stream has come this far.</summary>
    /// <param name="streamEvent">The event.</param>
    /// <param name="trainerStream">Handle of the stream; 0 for the context's default stream.</param>
    void RecordOn(nint streamEvent, nint trainerStream);

    /// <summary>The generator's stream goes no further before the event.</summary>
    void Await(nint streamEvent);

    /// <summary>A trainer's stream goes no further before the event.</summary>
    /// <param name="streamEvent">The event.</param>
    /// <param name="trainerStream">Handle of the stream; 0 for the context's default stream.</param>
    void AwaitOn(nint streamEvent, nint trainerStream);

    /// <summary>The host waits for the event.</summary>
    void Wait(nint streamEvent);

    /// <summary>The host waits for a trainer's stream.</summary>
    /// <param name="trainerStream">Handle of the stream; 0 for the context's default stream.</param>
    void Drain(nint trainerStream);
}
