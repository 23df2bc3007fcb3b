using TorchSharp;

namespace GpuSynth.Torch.Classification;

/// <summary>While it lives, torch computes on one thread: its sums depend on their number, and results must not.</summary>
internal sealed class SingleThread : IDisposable
{
    private readonly int before = torch.get_num_threads();

    public SingleThread() => torch.set_num_threads(1);

    public void Dispose() => torch.set_num_threads(before);
}
