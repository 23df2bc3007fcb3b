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

    // What other tests left to the garbage collector must not go while handles are counted here.
    [SetUp]
    public void CollectWhatOthersLeft()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Test]
    public void Handles_ThousandRoundsInScopes_NothingLeft()
    {
        using Sequential net = nn.Sequential(
            ("conv", nn.Conv2d(1, 4, 3, padding: 1)), ("act", nn.PReLU(4)), ("norm", nn.InstanceNorm2d(4, affine: true)));
        using var adam = optim.AdamW(net.parameters());
        using Tensor input = rand([2, 1, 8, 8]);
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
        using Tensor a = rand([3, 3]);
        long before = LiveHandles(), managed = Tensor.TotalCount;
        for (int k = 0; k < Rounds; k++)
        {
            using Tensor b = a + 1;
            using Tensor c = b.matmul(a);
            c.add_(1);
            using Tensor part = c.narrow(0, 2, 1);
            using Tensor sum = part.sum();
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(managed));
        Assert.That(LiveHandles(), Is.EqualTo(before));
    }

    [Test]
    public void Handles_OfFailedCalls_NothingLeft()
    {
        using Tensor a = rand([2, 3]);
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
        Tensor outside = zeros(1), freed, kept, moved;
        using (NewDisposeScope())
        {
            using (DisposeScope inner = NewDisposeScope())
            {
                freed = zeros(1);
                kept = zeros(1).DetachFromDisposeScope();
                moved = inner.MoveToOuter(zeros(1));
                zeros(1).Dispose();
            }

            Assert.That(IsFreed(freed));
            Assert.That(() => freed.sum(), Throws.InstanceOf<InvalidOperationException>());
            Assert.That(IsFreed(outside) || IsFreed(kept) || IsFreed(moved), Is.False);
        }

        Assert.That(IsFreed(moved));
        Assert.That(IsFreed(outside) || IsFreed(kept), Is.False);
        outside.Dispose();
        kept.Dispose();
        kept.Dispose();
        Assert.That(IsFreed(kept));
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

    private static bool IsFreed(Tensor tensor)
    {
        try
        {
            return tensor.Handle == 0;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
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
