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
        Assert.That(Values(a.clamp((Scalar)2, 3)), Is.EqualTo(new float[] { 2, 2, 3, 3 }));
        Assert.That(Values(a.pow(2)), Is.EqualTo(new float[] { 1, 4, 9, 16 }));
        Assert.That(Values(-a.abs().sqrt().square()), Is.EqualTo(new float[] { -1, -2, -3, -4 }).Within(1e-6));
        Assert.That(Values(a % 2), Is.EqualTo(new float[] { 1, 0, 1, 0 }));
    }

    [Test]
    public void InPlace_ChangesItsTensor_AndReturnsIt()
    {
        Tensor a = tensor(new float[] { 1, 2 });
        Assert.That(a.add_(1).mul_(2).sub_(1).div_(3), Is.SameAs(a));
        Assert.That(Values(a), Is.EqualTo(new[] { 1, 5f / 3 }).Within(1e-7));
        a.fill_(2).addcmul_(a, a, value: 3).addcdiv_(a, a, value: -1);
        Assert.That(Values(a), Is.EqualTo(new float[] { 13, 13 }));
        a[0] = tensor(4f);
        Assert.That(Values(a.copy_(a.flip(0))), Is.EqualTo(new float[] { 13, 4 }));
        Assert.That(Values(a.zero_()), Is.EqualTo(new float[] { 0, 0 }));
    }

    [Test]
    public void Reductions_Known()
    {
        Tensor a = tensor(new float[] { 1, 2, 3, 4 }).reshape(2, 2);
        Assert.That(a.sum().item<float>(), Is.EqualTo(10));
        Assert.That(Values(a.sum(0L)), Is.EqualTo(new float[] { 4, 6 }));
        Assert.That(Values(a.mean([1L])), Is.EqualTo(new[] { 1.5f, 3.5f }));
        Assert.That(Values(a.amax([0L])), Is.EqualTo(new float[] { 3, 4 }));
        Assert.That(a.logsumexp(1)[0].item<float>(), Is.EqualTo(Math.Log(Math.E + Math.Exp(2))).Within(1e-6));
        Assert.That(a.norm().ToSingle(), Is.EqualTo(Math.Sqrt(30)).Within(1e-6));
        Assert.That(a.max().ToInt64(), Is.EqualTo(4));
        Assert.That(a.argmax(1).data<long>().ToArray(), Is.EqualTo(new long[] { 1, 1 }));
        Assert.That(a.max(1).values.shape, Is.EqualTo(new long[] { 2 }));
        Assert.That(a.std(false).item<float>(), Is.EqualTo(Math.Sqrt(1.25)).Within(1e-6));
        Assert.That((a > 1).all().item<bool>(), Is.False);
        Assert.That((a > 1).any().ToBoolean(), Is.True);
        Tensor counts = tensor(new long[] { 1, 3, 3 }).bincount(null, 5);
        Assert.That(counts.data<long>().ToArray(), Is.EqualTo(new long[] { 0, 1, 0, 2, 0 }));
    }

    [Test]
    public void Indices_SelectSliceAndGather()
    {
        Tensor a = arange(0, 24, float32).reshape(2, 3, 4);
        Assert.That(a[1, 2, 3].item<float>(), Is.EqualTo(23));
        Assert.That(a[TensorIndex.Ellipsis, TensorIndex.Slice(1, 3)].shape, Is.EqualTo(new long[] { 2, 3, 2 }));
        Assert.That(Values(a[0, TensorIndex.Colon, 2]), Is.EqualTo(new float[] { 2, 6, 10 }));
        TensorIndex rows = TensorIndex.Tensor(tensor(new long[] { 2, 0 }));
        Assert.That(Values(a[TensorIndex.Colon, rows, 0]), Is.EqualTo(new float[] { 8, 0, 20, 12 }));
        Assert.That(a[1..2].shape, Is.EqualTo(new long[] { 1, 3, 4 }));
        a[0, TensorIndex.Colon, 0] = tensor(new float[] { -1, -2, -3 });
        Assert.That(Values(a.index_select(2, tensor(new long[] { 0 }))[0]), Is.EqualTo(new float[] { -1, -2, -3 }));
        Tensor picks = tensor(new long[] { 1, 0, 2 }).reshape(1, 3, 1);
        Assert.That(Values(a[0].unsqueeze(0).gather(2, picks)), Is.EqualTo(new float[] { 1, -2, 10 }));
        Tensor counts = zeros(3).scatter_add_(0, tensor(new long[] { 2, 2, 0 }), tensor(new float[] { 1, 2, 4 }));
        Assert.That(Values(counts), Is.EqualTo(new float[] { 4, 0, 3 }));
        Assert.That(Values(where(counts > 3, counts, counts.masked_fill(counts == 0, 9))), Is.EqualTo(new float[] { 4, 9, 3 }));
    }

    [Test]
    public void Shapes_JoinCutAndTurn()
    {
        Tensor a = arange(0, 6, float32).reshape(2, 3);
        Assert.That(a.transpose(0, 1).shape, Is.EqualTo(new long[] { 3, 2 }));
        Assert.That(Values(a.permute(1, 0)), Is.EqualTo(new float[] { 0, 3, 1, 4, 2, 5 }));
        Assert.That(Values(cat([a, a], 1)[0]), Is.EqualTo(new float[] { 0, 1, 2, 0, 1, 2 }));
        Assert.That(stack([a, a], 1).shape, Is.EqualTo(new long[] { 2, 2, 3 }));
        Assert.That(a.chunk(3, 1), Has.Length.EqualTo(3));
        Assert.That(a.split([1L, 2L], 1)[1].shape, Is.EqualTo(new long[] { 2, 2 }));
        Assert.That(Values(a.unbind(0)[1]), Is.EqualTo(new float[] { 3, 4, 5 }));
        Assert.That(Values(a.roll([1L], [1L])[0]), Is.EqualTo(new float[] { 2, 0, 1 }));
        Assert.That(Values(a.rot90(1, (0, 1))[0]), Is.EqualTo(new float[] { 2, 5 }));
        Assert.That(Values(nn.functional.pad(a, [1, 0])[1]), Is.EqualTo(new float[] { 0, 3, 4, 5 }));
        Assert.That(a.unsqueeze(0).expand(4, 2, 3).flatten().shape, Is.EqualTo(new long[] { 24 }));
        Assert.That(a.to(int64).dtype, Is.EqualTo(ScalarType.Int64));
        Assert.That(meshgrid([arange(2), arange(3)])[0].shape, Is.EqualTo(new long[] { 2, 3 }));
    }

    [Test]
    public void Memory_IsTheTensorsOwn()
    {
        Tensor a = zeros(2, 2);
        MemoryMarshal.Cast<byte, float>(a.bytes)[3] = 5;
        Assert.That(a[1, 1].item<float>(), Is.EqualTo(5));
        a.data<float>()[0, 1] = 7;
        Assert.That(Values(a), Is.EqualTo(new float[] { 0, 7, 0, 5 }));
        Assert.That(() => a.t().bytes.Length, Throws.InstanceOf<InvalidOperationException>());
        Assert.That(() => a.data<double>(), Throws.ArgumentException);
        Assert.That(a.t().data<float>().ToArray(), Is.EqualTo(new float[] { 0, 0, 7, 5 }));
        Assert.That(Values(full(2, 2, 0.1))[3], Is.EqualTo(0.1f));
    }

    [Test]
    public void Errors_CarryLibtorchsMessage()
    {
        Tensor a = zeros(2, 3);
        Refuses(() => a.matmul(a), "shapes cannot be multiplied");
        Refuses(() => a.reshape(4), "is invalid for input of size 6");
        Refuses(() => a.sum().backward(), "does not require grad");
        Refuses(() => cat([a, zeros(2, 2)]), "must match");
        Assert.That(Values(a.add(1)[0]), Is.EqualTo(new float[] { 1, 1, 1 }));
    }

    [Test]
    public void RandomState_TakenAndGivenBack()
    {
        manual_seed(7);
        Tensor state = get_rng_state();
        float[] first = Values(rand(5));
        Assert.That(Values(rand(5)), Is.Not.EqualTo(first));
        set_rng_state(state);
        Assert.That(Values(rand(5)), Is.EqualTo(first));
        manual_seed(7);
        Assert.That(Values(rand(5)), Is.EqualTo(first));
    }

    [Test]
    public void WhatIsCalledTorchSharp_HasNothingButItsNamespaces() => Assert.That(
        typeof(Tensor).Assembly.GetExportedTypes().Select(type => type.Namespace),
        Is.All.EqualTo("TorchSharp").Or.StartsWith("TorchSharp."));

    private static void Refuses(Action call, string words) =>
        Assert.That(call, Throws.InstanceOf<ExternalException>().With.Message.Contains(words));

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
