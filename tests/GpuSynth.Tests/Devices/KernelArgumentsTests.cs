using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

// ILGPU launches the kernels below from an assembly of its own.
[assembly: InternalsVisibleTo("ILGPURuntime")]

namespace GpuSynth.Tests.Devices;

/// <summary>A kernel's fields, as they lie in the one parameter that its PTX reads.</summary>
public sealed unsafe partial class KernelArgumentsTests
{
    // What the compiled kernel reads is the measure: its loads say where ILGPU has put each field.
    private static readonly (string Name, int Offset, int Bytes)[] Mixture =
    [
        ("flag", 0, 1), ("values", 8, 16), ("within.Before", 24, 4), ("within.Bytes", 32, 16), ("within.After", 48, 1),
        ("small", 56, 2), ("pair", 60, 8), ("nothing", 68, 1), ("wide", 72, 8), ("kind", 80, 1),
    ];

    private static readonly (int Offset, int Bits)[] LoadsOfMixture =
    [
        (0, 8), (8, 64), (16, 64), (24, 32), (32, 64), (40, 64), (48, 8), (56, 16), (60, 32), (64, 32), (68, 8), (72, 64),
        (80, 8),
    ];

    internal enum Kind : byte
    {
        First,
        Second,
    }

    internal interface IOperation
    {
        float At(float value);
    }

    internal interface IStore
    {
        void Store(int at, float value);
    }

    private static IEnumerable<TestCaseData<Type>> Kernels => KernelCatalogue.All.Select(
        static type => new TestCaseData<Type>(type).SetArgDisplayNames(KernelEntry.NameOf(type)));

    [Test]
    public void FieldsOfEveryKind_LieWhereThePtxReadsThem()
    {
        var layout = new KernelLayout(typeof(MixedKernel));
        var emitter = new KernelEmitter();
        EmittedKernel emitted = emitter.Emit(typeof(MixedKernel), "cuda:0");
        Assert.Multiple(() =>
        {
            Assert.That((layout.Bytes, layout.Alignment), Is.EqualTo((88, 8)));
            Assert.That(layout.Arguments.Select(static one => (one.Name, one.Offset, one.Bytes)), Is.EqualTo(Mixture));
            Assert.That(
                layout.Arguments.Where(static one => one.IsView).Select(static one => one.Offset), Is.EqualTo((int[])[8, 32]));
            Assert.That(LoadsOf(emitted), Is.EqualTo(LoadsOfMixture));
        });
    }

    [TestCaseSource(nameof(Kernels))]
    public void AKernel_ReadsEveryField_OfItsOneParameter(Type kernel)
    {
        var emitter = new KernelEmitter();
        EmittedKernel emitted = emitter.Emit(kernel, "cuda:0");
        (int Offset, int Bits)[] loads = LoadsOf(emitted);
        Assert.That(Regex.Count(emitted.Text, @"\.param "), Is.EqualTo(1));
        foreach (KernelArgument argument in emitted.Layout.Arguments)
        {
            (int Offset, int Bits)[] own =
                [.. loads.Where(load => load.Offset >= argument.Offset && load.Offset < argument.Offset + argument.Bytes)];
            Assert.That(own.Sum(static load => load.Bits / 8), Is.EqualTo(argument.Bytes), argument.Name);
            Assert.That(own.Select(static load => load.Bits), Is.All.EqualTo(argument.IsView || argument.Type == typeof(long) ? 64 : 32), argument.Name);
        }

        int all = emitted.Layout.Arguments.Sum(static argument => argument.Bytes);
        Assert.That(loads.Sum(static load => load.Bits / 8), Is.EqualTo(all), "nothing is read between the fields");
    }

    [Test]
    public void Bytes_AreWrittenFieldByField()
    {
        using GpuBackend backend = GpuBackends.Open("ilgpu-cpu");
        using MemoryBuffer floats = backend.Allocate(10, sizeof(float));
        using MemoryBuffer bytes = backend.Allocate(10, sizeof(byte));
        var layout = new KernelLayout(typeof(MixedKernel));
        var within = new Nested { Before = 41, Bytes = new ArrayView<byte>(bytes, 2, 7), After = 5 };
        var kernel = new MixedKernel(
            3, new ArrayView<float>(floats, 3, 5), within, -2, new Pair(1.5f, 7), default, long.MinValue, Kind.Second);
        byte[] written = Written(layout, kernel);
        byte[] expected = new byte[88];
        fixed (byte* target = expected)
        {
            target[0] = 3;
            *(long*)(target + 8) = floats.NativePtr + 12;
            *(long*)(target + 16) = 5;
            *(int*)(target + 24) = 41;
            *(long*)(target + 32) = bytes.NativePtr + 2;
            *(long*)(target + 40) = 7;
            target[48] = 5;
            *(short*)(target + 56) = -2;
            *(float*)(target + 60) = 1.5f;
            *(int*)(target + 64) = 7;
            *(long*)(target + 72) = long.MinValue;
            target[80] = 1;
        }

        Assert.That(written, Is.EqualTo(expected));
        Assert.That(
            Written(layout, default(MixedKernel)), Is.All.Zero, "a view of nothing is an address of nothing, of no length");
    }

    [Test]
    public void Emission_IsPtxThatOldDriversTake_UnderTheKernelsName()
    {
        var emitter = new KernelEmitter();
        EmittedKernel emitted = emitter.Emit(typeof(SampleTable.StoreKernel), "cuda:0");
        Assert.Multiple(() =>
        {
            Assert.That((emitted.Name, emitted.Entry), Is.EqualTo(("SampleTable.StoreKernel", "SampleTable_StoreKernel")));
            Assert.That(emitted.Text, Does.Contain(".version 7.0").And.Contain(".target sm_80"));
            Assert.That(emitted.Text, Does.Contain(".entry SampleTable_StoreKernel("));
            Assert.That(
                emitted.Layout.Arguments.Select(static one => (one.Name, one.Offset, one.Bytes)),
                Is.EqualTo(((string, int, int)[])
                    [("words", 0, 16), ("measured", 16, 16), ("first", 32, 4), ("payload", 36, 1024)]));
        });
    }

    [Test]
    public void WhatWasCompiledOtherwise_IsRefused()
    {
        const string Text = ".visible .entry Kernel_Run(\n\t.param .align 8 .b8 _kernel_1[1056]\n)\n{ }";
        Assert.That(
            () => EmittedKernel.Of(typeof(SampleTable.StoreKernel), "Kernel_Run", Text),
            Throws.TypeOf<DeviceException>().With.Message.StartsWith(
                "The kernel SampleTable.StoreKernel has 1064 bytes of arguments here and 1056 in 1 parameters as compiled;"));
        Assert.That(
            () => EmittedKernel.Of(typeof(SampleTable.StoreKernel), "Kernel_X", Text),
            Throws.TypeOf<DeviceException>().With.Message.Contains("without its entry point Kernel_X"));
    }

    [TestCase(typeof(FlagKernel), "FlagKernel.<flag>P is of type Boolean, which a kernel cannot take")]
    [TestCase(typeof(TextKernel), "TextKernel.<text>P is of type String, which a kernel cannot take")]
    [TestCase(typeof(PackedKernel), "PackedKernel.<packed>P has 5 bytes in memory and 8 on a device")]
    public void AFieldThatNoDeviceTakes_IsNamed(Type kernel, string sentence) => Assert.That(
        () => new KernelLayout(kernel), Throws.TypeOf<NotSupportedException>().With.Message.Contains(sentence));

    // A recipe composes its kernel's type when it is read.
    [Test]
    public void AKernelComposedAtRunTime_IsOneKernelOnEveryDevice()
    {
        Type chain = typeof(Then<,>).MakeGenericType(typeof(Scale), typeof(Square));
        Type type = typeof(ChainKernel<,>).MakeGenericType(chain, typeof(FloatStore));
        Assert.That(
            KernelEntry.NameOf(type),
            Is.EqualTo("KernelArgumentsTests.ChainKernel[KernelArgumentsTests.Then[KernelArgumentsTests.Scale,"
                + "KernelArgumentsTests.Square],KernelArgumentsTests.FloatStore]"));
        var emitter = new KernelEmitter();
        EmittedKernel emitted = emitter.Emit(type, "cuda:0");
        Assert.That(emitted.Text, Does.Not.Contain("call").And.Not.Contain(".local"));
        Assert.That(LoadsOf(emitted), Is.EqualTo(((int, int)[])[(0, 64), (8, 64), (16, 32), (20, 8), (24, 64), (32, 64)]));

        using GpuBackend simulated = GpuBackends.Open("ilgpu-cpu");
        using MemoryBuffer from = simulated.Allocate(3, sizeof(float));
        using MemoryBuffer to = simulated.Allocate(3, sizeof(float));
        simulated.Upload<float>([1, 2, 3], new ArrayView<float>(from, 0, 3));
        Launch(simulated.Kernels, type, from, to);
        float[] values = new float[3];
        simulated.Download(new ArrayView<float>(to, 0, 3), values.AsSpan());
        Assert.That(values, Is.EqualTo((float[])[4, 16, 36]));

        using var recorder = new LaunchRecorder();
        using MemoryBuffer first = recorder.Allocate(100, sizeof(float));
        using MemoryBuffer second = recorder.Allocate(5, sizeof(float));
        Launch(recorder.Kernels, type, first, second);
        RecordedLaunch launch = recorder.Launches.Single();
        Assert.Multiple(() =>
        {
            Assert.That(
                launch.Pointers,
                Is.EqualTo((RecordedPointer[])[new(0, 0, 0), new(24, 1, 0)]),
                "where views stand, and their buffers");
            Assert.That(launch.Arguments, Has.Length.EqualTo(40));
            Assert.That(MemoryMarshal.Read<float>(launch.Arguments.AsSpan(16)), Is.EqualTo(2f));
            Assert.That(MemoryMarshal.Read<long>(launch.Arguments.AsSpan(32)), Is.EqualTo(5));
        });
    }

    private static void Launch(KernelLoader loader, Type kernel, MemoryBuffer from, MemoryBuffer to)
    {
        object arguments = Activator.CreateInstance(
            kernel,
            new ArrayView<float>(from, 0, from.Length),
            new Then<Scale, Square>(new Scale(2), default),
            new FloatStore(new ArrayView<float>(to, 0, to.Length)))!;
        var launch = (Delegate)typeof(KernelLoader).GetMethod(nameof(KernelLoader.Load))!.MakeGenericMethod(kernel)
            .Invoke(loader, null)!;
        launch.DynamicInvoke(new KernelConfig(1, 4), arguments);
    }

    private static byte[] Written<TKernel>(KernelLayout layout, TKernel kernel)
        where TKernel : struct, IKernel
    {
        byte[] written = new byte[layout.Bytes];
        fixed (byte* target = written)
        {
            KernelArguments.WriterOf<TKernel>(layout)(in kernel, target);
        }

        return written;
    }

    private static (int Offset, int Bits)[] LoadsOf(EmittedKernel kernel) =>
    [
        .. Load().Matches(kernel.Text)
            .Select(static load => (Number(load.Groups["offset"]), Number(load.Groups["bits"])))
            .Order(),
    ];

    private static int Number(System.Text.RegularExpressions.Group group) =>
        group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"ld\.param\.[a-z](?<bits>\d+)\s+%\w+, \[\w+(\+(?<offset>\d+))?\]")]
    private static partial Regex Load();

    internal struct Nested
    {
        public int Before;
        public ArrayView<byte> Bytes;
        public byte After;
    }

    internal readonly record struct Pair(float Value, int Number);

    internal readonly struct Nothing;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct Packed
    {
        public byte Small;
        public int Large;
    }

    internal readonly struct MixedKernel(
        byte flag, ArrayView<float> values, Nested within, short small, Pair pair, Nothing nothing, long wide, Kind kind)
        : IKernel
    {
        public void Execute()
        {
            Nothing none = nothing;
            _ = none;
            int whole = flag + within.Before + within.Bytes[1] + within.After + small + pair.Number + (int)kind;
            values[0] = whole + pair.Value + wide;
        }
    }

    internal readonly struct FlagKernel(ArrayView<float> values, bool flag) : IKernel
    {
        public void Execute() => values[0] = flag ? 1 : 0;
    }

    internal readonly struct TextKernel(ArrayView<float> values, string text) : IKernel
    {
        public void Execute() => values[0] = text.Length;
    }

    internal readonly struct PackedKernel(ArrayView<float> values, Packed packed) : IKernel
    {
        public void Execute() => values[0] = packed.Small + packed.Large;
    }

    internal readonly struct Scale(float factor) : IOperation
    {
        public float At(float value) => value * factor;
    }

    internal readonly struct Square : IOperation
    {
        public float At(float value) => value * value;
    }

    internal readonly struct Then<TFirst, TNext>(TFirst first, TNext next) : IOperation
        where TFirst : struct, IOperation
        where TNext : struct, IOperation
    {
        public float At(float value) => next.At(first.At(value));
    }

    internal readonly struct FloatStore(ArrayView<float> target) : IStore
    {
        public void Store(int at, float value) => target[at] = value;
    }

    internal readonly struct ChainKernel<TOperation, TStore>(ArrayView<float> values, TOperation operation, TStore store)
        : IKernel
        where TOperation : struct, IOperation
        where TStore : struct, IStore
    {
        public void Execute()
        {
            int thread = ILGPU.Group.IdxX;
            if (thread < values.IntLength)
            {
                store.Store(thread, operation.At(values[thread]));
            }
        }
    }
}
