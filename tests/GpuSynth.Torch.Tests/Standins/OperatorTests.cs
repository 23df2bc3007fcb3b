using System.Runtime.InteropServices;
using TorchSharp;
using static GpuSynth.Torch.Tests.Standins.Arrays;
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
        Tensor a = Of([1f, 2f, 3f, 4f], 2, 2);
        Assert.That(Values((a * 2) + a - 1.0 / a), Is.EqualTo(new[] { 2, 5.5f, 9 - (1f / 3), 11.75f }).Within(1e-6));
        Assert.That(Values(a.matmul(a)), Is.EqualTo(new float[] { 7, 10, 15, 22 }));
        Assert.That(Values(a.clamp_min(2)), Is.EqualTo(new float[] { 2, 2, 3, 4 }));
        Assert.That(Values(a.pow(2)), Is.EqualTo(new float[] { 1, 4, 9, 16 }));
        Assert.That(Values((a * -1).abs().sqrt().square()), Is.EqualTo(new float[] { 1, 2, 3, 4 }).Within(1e-6));
        Assert.That(Values(a.eq(a.t()).to_type(float32)), Is.EqualTo(new float[] { 1, 0, 0, 1 }));
        Assert.That(Values(a.softmax(1)), Is.EqualTo(Values(a.log_softmax(1).exp())).Within(1e-6));
    }

    [Test]
    public void InPlace_ChangesItsTensor_AndReturnsIt()
    {
        Tensor a = Of([1f, 2f]);
        Assert.That(a.add_(1).mul_(2).sub_(ones([2])).div_(3), Is.SameAs(a));
        Assert.That(Values(a), Is.EqualTo(new[] { 1, 5f / 3 }).Within(1e-7));
        a.zero_().add_(2).addcmul_(a, a, value: 3).addcdiv_(a, a, value: -1);
        Assert.That(Values(a), Is.EqualTo(new float[] { 13, 13 }));
        a.narrow(0, 0, 1).copy_(Of([4f]));
        Assert.That(Values(a.copy_(roll(a, [1], [0]))), Is.EqualTo(new float[] { 13, 4 }));
    }

    [Test]
    public void Reductions_Known()
    {
        Tensor a = Of([1f, 2f, 3f, 4f], 2, 2);
        Assert.That(a.sum().item<float>(), Is.EqualTo(10));
        Assert.That(Values(a.sum(0L)), Is.EqualTo(new float[] { 4, 6 }));
        Assert.That(Values(a.mean([1L])), Is.EqualTo(new[] { 1.5f, 3.5f }));
        Assert.That(a.norm().ToDouble(), Is.EqualTo(Math.Sqrt(30)).Within(1e-6));
        Assert.That(a.max().item<float>(), Is.EqualTo(4));
        Assert.That(Values(a.std([1L], unbiased: false)), Is.EqualTo(new[] { 0.5f, 0.5f }).Within(1e-6));
        Assert.That((1.0 / (a + -1)).isfinite().all().item<bool>(), Is.False);
        Assert.That(a.isfinite().all().item<bool>(), Is.True);
    }

    [Test]
    public void Shapes_JoinCutAndTurn()
    {
        Tensor a = arange(6, float32).reshape(2, 3);
        Assert.That(a.transpose(0, 1).shape, Is.EqualTo(new long[] { 3, 2 }));
        Assert.That(Values(a.permute(1, 0)), Is.EqualTo(new float[] { 0, 3, 1, 4, 2, 5 }));
        Assert.That(Values(cat([a, a], 1).select(0, 0)), Is.EqualTo(new float[] { 0, 1, 2, 0, 1, 2 }));
        Assert.That(stack([a, a], 1).shape, Is.EqualTo(new long[] { 2, 2, 3 }));
        Assert.That(Values(a.slice(1, 0, 3, 2)), Is.EqualTo(new float[] { 0, 2, 3, 5 }));
        Assert.That(Values(a.index_select(1, Of([2L, 0L]))), Is.EqualTo(new float[] { 2, 0, 5, 3 }));
        Assert.That(Values(a.narrow(1, 1, 2).diagonal(0, 0, 1)), Is.EqualTo(new float[] { 1, 5 }));
        Assert.That(Values(roll(a, [1L], [1L]).select(0, 0)), Is.EqualTo(new float[] { 2, 0, 1 }));
        Assert.That(Values(nn.functional.pad(a, [1, 0]).select(0, 1)), Is.EqualTo(new float[] { 0, 3, 4, 5 }));
        Assert.That(a.unsqueeze(0).squeeze_(0).shape, Is.EqualTo(new long[] { 2, 3 }));
        Assert.That(a.to_type(int64).dtype, Is.EqualTo(ScalarType.Int64));
    }

    [Test]
    public void Memory_IsTheTensorsOwn()
    {
        Tensor a = zeros([2, 2]);
        MemoryMarshal.Cast<byte, float>(a.bytes)[3] = 5;
        Assert.That(a.select(0, 1).select(0, 1).item<float>(), Is.EqualTo(5));
        a.data<float>()[0, 1] = 7;
        Assert.That(Values(a), Is.EqualTo(new float[] { 0, 7, 0, 5 }));
        Assert.That(() => a.t().bytes.Length, Throws.InstanceOf<InvalidOperationException>());
        Assert.That(() => a.data<double>(), Throws.ArgumentException);
        Assert.That(a.t().data<float>().ToArray(), Is.EqualTo(new float[] { 0, 0, 7, 5 }));
        Assert.That(Values(full([2, 2], 0.1))[3], Is.EqualTo(0.1f));
    }

    [Test]
    public void Errors_CarryLibtorchsMessage()
    {
        Tensor a = zeros([2, 3]);
        Refuses(() => a.matmul(a), "shapes cannot be multiplied");
        Refuses(() => a.reshape(4), "is invalid for input of size 6");
        Refuses(() => a.sum().backward(), "does not require grad");
        Refuses(() => cat([a, zeros([2, 2])]), "must match");
        Assert.That(Values(a.add(1).select(0, 0)), Is.EqualTo(new float[] { 1, 1, 1 }));
    }

    [Test]
    public void RandomState_TakenAndGivenBack()
    {
        manual_seed(7);
        Tensor state = random.get_rng_state();
        float[] first = Values(rand([5]));
        Assert.That(Values(rand([5])), Is.Not.EqualTo(first));
        random.set_rng_state(state);
        Assert.That(Values(rand([5])), Is.EqualTo(first));
        manual_seed(7);
        Assert.That(Values(rand([5])), Is.EqualTo(first));
    }

    [Test]
    public void WhatIsCalledTorchSharp_HasNothingButItsNamespaces() => Assert.That(
        typeof(Tensor).Assembly.GetExportedTypes().Select(type => type.Namespace),
        Is.All.EqualTo("TorchSharp").Or.StartsWith("TorchSharp."));

    private static void Refuses(Action call, string words) =>
        Assert.That(call, Throws.InstanceOf<ExternalException>().With.Message.Contains(words));
}
