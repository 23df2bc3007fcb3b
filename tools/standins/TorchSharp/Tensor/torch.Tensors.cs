using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) =>
        FromArray<byte>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(
        byte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<byte>(rawArray, [rawArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(
        byte[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<byte>(rawArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<byte> rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<byte>(rawArray.ToArray(), dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<byte> rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        FromArray<byte>(rawArray.ToArray(), [rawArray.Count], dtype, device, requires_grad, names);

    public static Tensor tensor(
        byte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<byte>(
            rawArray.Cast<byte>().ToArray(),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            dtype,
            device,
            requires_grad,
            names);

    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<bool>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(
        bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<bool>(rawArray, [rawArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(
        bool[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<bool>(rawArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<bool> rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<bool>(rawArray.ToArray(), dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<bool> rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        FromArray<bool>(rawArray.ToArray(), [rawArray.Count], dtype, device, requires_grad, names);

    public static Tensor tensor(
        bool[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<bool>(
            rawArray.Cast<bool>().ToArray(),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            dtype,
            device,
            requires_grad,
            names);

    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) =>
        FromArray<int>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(
        int[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<int>(rawArray, [rawArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(
        int[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<int>(rawArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<int> rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<int>(rawArray.ToArray(), dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<int> rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        FromArray<int>(rawArray.ToArray(), [rawArray.Count], dtype, device, requires_grad, names);

    public static Tensor tensor(
        int[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<int>(
            rawArray.Cast<int>().ToArray(),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            dtype,
            device,
            requires_grad,
            names);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<long>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(
        long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<long>(dataArray, [dataArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(
        long[] dataArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<long>(dataArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<long> rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<long>(rawArray.ToArray(), dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<long> rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        FromArray<long>(rawArray.ToArray(), [rawArray.Count], dtype, device, requires_grad, names);

    public static Tensor tensor(
        long[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<long>(
            rawArray.Cast<long>().ToArray(),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            dtype,
            device,
            requires_grad,
            names);

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        FromArray<float>([scalar], [], null, device, requires_grad, null);

    public static Tensor tensor(
        float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<float>(rawArray, [rawArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(
        float[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<float>(rawArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<float> rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<float>(rawArray.ToArray(), dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<float> rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        FromArray<float>(rawArray.ToArray(), [rawArray.Count], dtype, device, requires_grad, names);

    public static Tensor tensor(
        float[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<float>(
            rawArray.Cast<float>().ToArray(),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            dtype,
            device,
            requires_grad,
            names);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromArray<double>([scalar], [], dtype, device, requires_grad, null);

    public static Tensor tensor(
        double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        FromArray<double>(rawArray, [rawArray.LongLength], dtype, device, requires_grad, names);

    public static Tensor tensor(
        double[] rawArray,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => FromArray<double>(rawArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(
        IList<double> rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        FromArray<double>(rawArray.ToArray(), [rawArray.Count], dtype, device, requires_grad, names);

    public static Tensor tensor(
        double[,] rawArray,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        FromArray<double>(
            rawArray.Cast<double>().ToArray(),
            [rawArray.GetLongLength(0), rawArray.GetLongLength(1)],
            dtype,
            device,
            requires_grad,
            names);

    private static Tensor FromArray<T>(
        ReadOnlySpan<T> values,
        ReadOnlySpan<long> dimensions,
        ScalarType? dtype,
        Device? device,
        bool requires_grad,
        string[]? names)
        where T : unmanaged
    {
        long total = 1;
        foreach (long size in dimensions)
        {
            total *= size;
        }

        if (total > values.Length)
        {
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {total} vs. {values.Length}");
        }

        Tensor made = empty(dimensions.ToArray(), ToScalarType(typeof(T)), names: names);
        MemoryMarshal.AsBytes(values[..(int)total]).CopyTo(made.bytes);
        if (dtype is not null && dtype != made.dtype)
        {
            made = made.to_type(dtype.Value, disposeAfter: true);
        }

        if (device is not null && device.type != DeviceType.CPU)
        {
            made = made.to(device, disposeAfter: true);
        }

        return requires_grad ? made.requires_grad_() : made;
    }
}
