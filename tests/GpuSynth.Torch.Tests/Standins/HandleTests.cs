using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Standins;

/// <summary>Native tensors are freed when they are said to be: by scopes, by Dispose, and nothing is left over.</summary>
[TestFixture]
[NonParallelizable]
public sealed class HandleTests
{
    private const int Rounds = 1000;

    [Test]
    public void Handles_ThousandRoundsInScopes_NothingLeft()
    {
        using Sequential net = nn.Sequential(nn.Conv2d(1, 4, 3, padding: 1), nn.PReLU(4), nn.InstanceNorm2d(4, affine: true));
        using var adam = optim.AdamW(net.parameters());
        using Tensor input = rand(2, 1, 8, 8);
        Step(net, adam, input);
        long before = LiveHandles(), managed = Tensor.TotalCount;
        for (int k = 0; k < Rounds; k++)
        {
            Step(net, adam, input);
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(managed));
        Assert.That(LiveHandles(), Is.EqualTo(before));
    }

    [Test]
    public void Handles_ThousandRoundsDisposed_NothingLeft()
    {
        using Tensor a = rand(3, 3);
        long before = LiveHandles(), managed = Tensor.TotalCount;
        for (int k = 0; k < Rounds; k++)
        {
            using Tensor b = a + 1;
            using Tensor c = b.matmul(a);
            c.add_(1);
            Tensor[] parts = c.chunk(3);
            using Tensor last = parts[2].sum();
            Array.ForEach(parts, part => part.Dispose());
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(managed));
        Assert.That(LiveHandles(), Is.EqualTo(before));
    }

    [Test]
    public void Handles_OfFailedCalls_NothingLeft()
    {
        using Tensor a = rand(2, 3);
        long before = LiveHandles();
        for (int k = 0; k < 10; k++)
        {
            Assert.That(() => a.matmul(a), Throws.InstanceOf<ExternalException>());
        }

        Assert.That(LiveHandles(), Is.EqualTo(before));
    }

    [Test]
    public void Modules_Disposed_FreeTheirParameters()
    {
        long before = LiveHandles();
        Sequential net = nn.Sequential(("a", nn.Linear(3, 3)), ("b", nn.BatchNorm2d(4)), ("c", nn.LayerNorm(5)));
        net.Dispose();
        Assert.That(LiveHandles(), Is.EqualTo(before));
    }

    [Test]
    public void Scope_FreesWhatItOwns_AndNothingElse()
    {
        Tensor outside = zeros(1), kept, moved, alive;
        using (DisposeScope outer = NewDisposeScope())
        {
            Tensor freed;
            using (DisposeScope inner = NewDisposeScope())
            {
                freed = zeros(1);
                kept = zeros(1).DetachFromDisposeScope();
                moved = zeros(1).MoveToOuterDisposeScope();
                alive = zeros(1).MoveToOtherDisposeScope(outer);
                outside.MoveToOtherDisposeScope(inner).DetachFromDisposeScope();
                Assert.That(CurrentDisposeScope, Is.SameAs(inner));
                Assert.That(inner.DisposablesCount, Is.EqualTo(1));
            }

            Assert.That(freed.IsInvalid);
            Assert.That(() => freed.sum(), Throws.InstanceOf<InvalidOperationException>());
            Assert.That(new[] { outside.IsInvalid, kept.IsInvalid, moved.IsInvalid, alive.IsInvalid }, Has.All.False);
            Assert.That(outer.Contains(moved) && outer.Contains(alive));
        }

        Assert.That(moved.IsInvalid && alive.IsInvalid);
        Assert.That(outside.IsInvalid || kept.IsInvalid, Is.False);
        outside.Dispose();
        kept.Dispose();
        kept.Dispose();
        Assert.That(CurrentDisposeScope, Is.Null);
    }

    private static void Step(Sequential net, AdamW adam, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        adam.zero_grad();
        Tensor loss = (net.call(input) * 2).pow(2).mean();
        loss.backward();
        nn.utils.clip_grad_norm_(net.parameters(), 1);
        adam.step();
    }

    private static long LiveHandles()
    {
        try
        {
            return gs_live_handles();
        }
        catch (EntryPointNotFoundException)
        {
            // The package's library counts none; the managed count above is then all there is.
            return 0;
        }
    }

    [DllImport("LibTorchSharp")]
    private static extern long gs_live_handles();
}
