using System.Reflection;
using TorchSharp;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>
/// TorchSharp reads a scalar's address and calls libtorch with it; nothing holds the scalar meanwhile, and a collection at that moment
/// frees what libtorch reads: another number, or an exception, once in millions of calls.
/// </summary>
public sealed class ScalarLifeTests
{
    private const BindingFlags All =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Assembly Library = typeof(Scalar).Assembly;

    // Used once, to make a network: the weight is written again by what holds its number.
    private static readonly string[] Harmless = ["nn.PReLU"];

    private readonly Dictionary<MethodBase, bool> known = [];

    [Test]
    public void NumbersBecomeScalarsInOnePlace_WhichHoldsThem()
    {
        string[] others =
        [
            .. typeof(Scalars).Assembly.GetTypes()
                .Where(static type => type != typeof(Scalars))
                .SelectMany(static type => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
                .SelectMany(method => CalledBy(method).Where(MakesScalars).Select(called =>
                    $"{called.DeclaringType!.Name}.{called.Name} in {method.DeclaringType!.FullName}.{method.Name}"))
                .Where(static one => !Harmless.Any(harmless => one.StartsWith(harmless, StringComparison.Ordinal)))
                .Distinct(),
        ];
        Assert.That(others, Is.Empty, "Scalars.Of(number) and its sums hold them");
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

    // Whether a method of the library makes scalars that nobody holds, itself or by what it calls.
    private bool MakesScalars(MethodBase method)
    {
        if (method.Module.Assembly != Library)
        {
            return false;
        }

        if (!known.TryGetValue(method, out bool makes))
        {
            known[method] = false; // Of methods that call each other.
            makes = (method.DeclaringType == typeof(Scalar) && method.Name == "op_Implicit")
                || method.DeclaringType == typeof(ScalarExtensionMethods)
                || CalledBy(method).Any(MakesScalars);
            known[method] = makes;
        }

        return makes;
    }

    // The opcode of a call, a virtual call or a construction is followed by the method's token; bytes that look like one by chance resolve to
    // nothing, or to something that makes no scalars.
    private static List<MethodBase> CalledBy(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var called = new List<MethodBase>();
        for (int n = 0; n + 4 < code.Length; n++)
        {
            if (code[n] is 0x28 or 0x6F or 0x73 && Resolve(method, BitConverter.ToInt32(code, n + 1)) is { } found)
            {
                called.Add(found);
            }
        }

        return called;
    }

    private static MethodBase? Resolve(MethodBase method, int token)
    {
        try
        {
            return method.Module.ResolveMethod(
                token, method.DeclaringType?.GetGenericArguments(), method is MethodInfo own ? own.GetGenericArguments() : null);
        }
        catch (Exception error) when (error is ArgumentException or BadImageFormatException)
        {
            return null;
        }
    }
}
