using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>What an <see cref="Argument"/> or a result holds. The same in shim.cpp.</summary>
internal enum Tag
{
    Default, None, Tensor, Int, Double, Bool, Ints, Tensors, Device, Text,
}

/// <summary>
/// One argument of an operator. Missing ones at the end take the schema's defaults, and so does <c>default</c>.
/// </summary>
internal readonly struct Argument
{
    public static readonly Argument None = new(Tag.None, 0);

    public readonly Tag Tag;
    public readonly int Count;
    public readonly long Bits;
    public readonly object? Owner;

    private Argument(Tag tag, long bits, int count = 0, object? owner = null) =>
        (Tag, Bits, Count, Owner) = (tag, bits, count, owner);

    public static implicit operator Argument(Tensor? tensor) => tensor is null ? None : new(Tag.Tensor, tensor.Handle, 0, tensor);

    public static implicit operator Argument(Scalar? scalar) => scalar is null ? None : new(scalar.Tag, scalar.Bits);

    public static implicit operator Argument(long value) => new(Tag.Int, value);

    public static implicit operator Argument(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static implicit operator Argument(ScalarType type) => new(Tag.Int, (long)type);

    public static implicit operator Argument(ScalarType? type) => type is null ? None : type.Value;

    public static implicit operator Argument(Device? device) =>
        device is null ? None : new(Tag.Device, (long)device.type, device.index);

    public static implicit operator Argument(long[]? values) => values is null ? None : new(Tag.Ints, 0, values.Length, values);

    public static implicit operator Argument(Tensor?[] values) => new(Tag.Tensors, 0, values.Length, values);

    public static implicit operator Argument(string text) => new(Tag.Text, 0, text.Length, text);
}

/// <summary>Calls into libLibTorchSharp.so, which is built from Native/shim.cpp.</summary>
internal static unsafe partial class Native
{
    private const string Library = "LibTorchSharp";

    private static readonly ConcurrentDictionary<string, nint> Operators = new();

    [StructLayout(LayoutKind.Sequential)]
    private struct Value
    {
        public int Tag;
        public int Count;
        public long Bits;
    }

    /// <summary>Calls an operator ("add.Tensor") whose first result is a tensor.</summary>
    public static Tensor Op(string name, params ReadOnlySpan<Argument> arguments)
    {
        Value result;
        Call(name, arguments, &result, 1);
        return new Tensor((nint)result.Bits);
    }

    /// <summary>
    /// Calls an operator that works in place on its first argument; the result, another handle of it, is not asked for.
    /// </summary>
    public static Tensor InPlace(string name, params ReadOnlySpan<Argument> arguments)
    {
        Call(name, arguments, null, 0);
        return (Tensor)arguments[0].Owner!;
    }

    /// <summary>Calls an operator whose result is a truth value.</summary>
    public static bool OpBool(string name, params ReadOnlySpan<Argument> arguments)
    {
        Value result;
        Call(name, arguments, &result, 1);
        return result.Bits != 0;
    }

    /// <summary>Calls an operator whose result is a number.</summary>
    public static Scalar OpScalar(string name, params ReadOnlySpan<Argument> arguments)
    {
        Value result;
        Call(name, arguments, &result, 1);
        return new Scalar((Tag)result.Tag, result.Bits);
    }

    /// <summary>Throws what libtorch said, as TorchSharp does, where a call has failed.</summary>
    public static void Check(int status)
    {
        if (status < 0)
        {
            throw Failure();
        }
    }

    /// <summary>A handle, or what libtorch said.</summary>
    public static nint Check(nint handle) => handle != 0 ? handle : throw Failure();

    public static ExternalException Failure() => new(Marshal.PtrToStringUTF8(gs_last_error()));

    private static void Call(string name, ReadOnlySpan<Argument> arguments, Value* results, int capacity)
    {
        if (!Operators.TryGetValue(name, out nint handle))
        {
            handle = Find(name);
        }

        int extra = 0;
        foreach (ref readonly Argument argument in arguments)
        {
            extra += argument.Tag is Tag.Ints or Tag.Tensors or Tag.Text ? argument.Count : 0;
        }

        Value* values = stackalloc Value[arguments.Length];
        Span<long> lists = extra <= 256 ? stackalloc long[extra] : new long[extra];
        int status;
        fixed (long* first = lists)
        {
            long* next = first;
            for (int k = 0; k < arguments.Length; k++)
            {
                ref readonly Argument argument = ref arguments[k];
                values[k] = new Value { Tag = (int)argument.Tag, Count = argument.Count, Bits = argument.Bits };
                if (argument.Tag is Tag.Ints or Tag.Tensors or Tag.Text)
                {
                    values[k].Bits = (long)next;
                    Write(argument, next);
                    next += argument.Count;
                }
            }

            status = gs_call(handle, values, arguments.Length, results, capacity);
        }

        foreach (ref readonly Argument argument in arguments)
        {
            GC.KeepAlive(argument.Owner);
        }

        Check(status);
    }

    private static void Write(in Argument argument, long* to)
    {
        switch (argument.Owner)
        {
            case long[] integers:
                integers.CopyTo(new Span<long>(to, integers.Length));
                break;
            case Tensor?[] tensors:
                for (int k = 0; k < tensors.Length; k++)
                {
                    to[k] = tensors[k]?.Handle ?? 0;
                }

                break;
            case string text:
                System.Text.Encoding.ASCII.GetBytes(text, new Span<byte>(to, text.Length));
                break;
        }
    }

    private static nint Find(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string plain = dot < 0 ? name : name[..dot];
        return Operators[name] = Check(gs_find_op("aten::" + plain, dot < 0 ? "" : name[(dot + 1)..]));
    }

    [LibraryImport(Library)]
    private static partial nint gs_last_error();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint gs_find_op(string name, string overload);

    [LibraryImport(Library)]
    private static partial int gs_call(nint op, Value* arguments, int count, Value* results, int capacity);

    [LibraryImport(Library)]
    public static partial void gs_free(nint tensor);

    [LibraryImport(Library)]
    public static partial nint gs_share(nint tensor);

    [LibraryImport(Library)]
    public static partial nint THSTensor_data(nint tensor);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial void gs_facts(nint tensor, long* facts);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial void gs_shape(nint tensor, long* sizes, long* strides);

    [LibraryImport(Library)]
    public static partial int gs_set_requires_grad(nint tensor, int requires);

    [LibraryImport(Library)]
    public static partial nint gs_grad(nint tensor);

    [LibraryImport(Library)]
    public static partial int gs_set_grad(nint tensor, nint grad);

    [LibraryImport(Library)]
    public static partial int gs_backward(nint* tensors, nint* grads, int count, int retain, int create);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial int gs_grad_enabled();

    [LibraryImport(Library)]
    [SuppressGCTransition]
    public static partial void gs_set_grad_enabled(int enabled);

    [LibraryImport(Library)]
    public static partial int gs_manual_seed(long seed);

    [LibraryImport(Library)]
    public static partial nint gs_random_state(int device, int index);

    [LibraryImport(Library)]
    public static partial int gs_set_random_state(int device, int index, nint state);

    [LibraryImport(Library)]
    public static partial int gs_set_threads(int threads);

    [LibraryImport(Library)]
    public static partial int gs_cuda_devices();

    [LibraryImport(Library)]
    public static partial int gs_version();
}
