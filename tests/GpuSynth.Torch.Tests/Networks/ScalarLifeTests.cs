using System.Reflection;
using TorchSharp;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>
/// TorchSharp reads a scalar's address and calls libtorch with it; nothing holds the scalar meanwhile, and a collection at that moment
/// frees what libtorch reads: another number, or an exception, once in millions of calls.
/// </summary>
public sealed class ScalarLifeTests
{
    private const byte Call = 0x28;
    private const BindingFlags All =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Test]
    public void NumbersBecomeScalarsInOnePlace_WhichHoldsThem()
    {
        string[] others =
        [
            .. typeof(Scalars).Assembly.GetTypes()
                .Where(static type => type != typeof(Scalars))
                .SelectMany(static type => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
                .Where(MakesScalars)
                .Select(static method => $"{method.DeclaringType!.FullName}.{method.Name}"),
        ];
        Assert.That(others, Is.Empty, "Scalars.Of(number) holds it");
    }

    // What a plain conversion fails at under load: every thread's own scalars stay right while all of them are collected and freed.
    [Test]
    public void HeldScalars_KeepTheirValue_WhileMemoryIsCollected()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            int[] wrong = new int[2];
            Parallel.For(0, 2, thread =>
            {
                using torch.Tensor ones = torch.ones(1, torch.float64);
                for (int n = 0; n < 20_000; n++)
                {
                    using torch.Tensor product = ones.mul(Scalars.Of(thread + (n / 7.0)));
                    wrong[thread] += product.item<double>() == thread + (n / 7.0) ? 0 : 1;
                }
            });
            Assert.That(wrong, Is.All.Zero);
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    // A call's opcode is followed by the method's token; bytes that look like one by chance resolve to nothing or to something else.
    private static bool MakesScalars(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int n = 0; n + 4 < code.Length; n++)
        {
            if (code[n] == Call && IsConversion(method, BitConverter.ToInt32(code, n + 1)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsConversion(MethodBase method, int token)
    {
        try
        {
            MethodBase? called = method.Module.ResolveMethod(
                token, method.DeclaringType!.GetGenericArguments(), method is MethodInfo own ? own.GetGenericArguments() : null);
            return called?.DeclaringType is { } of
                && (of == typeof(Scalar)
                    || of == typeof(ScalarExtensionMethods)
                    || (of == typeof(torch.Tensor)
                        && called.IsSpecialName
                        && called.GetParameters().Any(static one => one.ParameterType.IsPrimitive)
                        && called.Name.StartsWith("op_", StringComparison.Ordinal)));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
