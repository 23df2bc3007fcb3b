using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Standins;

/// <summary>What this project calls of TorchSharp does what PyTorch says, with the package and with the stand-in.</summary>
[TestFixture]
public sealed class OperatorTests
{
    private DisposeScope scope = null!;

    [SetUp]
    public void Open() => scope = NewDisposeScope();

    [TearDown]
    public void Close() => scope.Dispose();

    [Test]
    public void Arithmetic_Known()
    {
        Tensor a = tensor(new float[] { 1, 2, 3, 4 }).reshape(2, 2);
        Assert.That(Values((a * 2) + a - 1), Is.EqualTo(new float[] { 2, 5, 8, 11 }));
        Assert.That(Values(1 / a), Is.EqualTo(new[] { 1, 0.5f, 1f / 3, 0.25f }).Within(1e-7));
        Assert.That(Values(a.matmul(a)), Is.EqualTo(new float[] { 7, 10, 15, 22 }));
        Assert.That(a.sum().item<float>(), Is.EqualTo(10));
        Assert.That(Values(a.sum(0)), Is.EqualTo(new float[] { 4, 6 }));
        Assert.That(Values(a.mean([1])), Is.EqualTo(new[] { 1.5f, 3.5f }));
        Assert.That(a.logsumexp(1)[0].item<float>(), Is.EqualTo(Math.Log(Math.E + Math.Exp(2))).Within(1e-6));
        Assert.That(Values(a.clamp(2, 3)), Is.EqualTo(new float[] { 2, 2, 3, 3 }));
        Assert.That(a.norm().ToSingle(), Is.EqualTo(Math.Sqrt(30)).Within(1e-6));
        Assert.That(a.max().ToInt64(), Is.EqualTo(4));
    }
    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
