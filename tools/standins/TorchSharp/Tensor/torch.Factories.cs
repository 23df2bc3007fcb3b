using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Op("scalar_tensor", scalar, dtype ?? ScalarType.Int64, Argument.None, device), requires_grad, null);

    public static Tensor empty(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Made(Op("empty.memory_format", size, dtype, Argument.None, device), requires_grad, names);

    public static Tensor empty(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(size.ToArray(), dtype, device, requires_grad, names);

    public static Tensor zeros(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Made(Op("zeros", size, dtype, Argument.None, device), requires_grad, names);

    public static Tensor zeros(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(size.ToArray(), dtype, device, requires_grad, names);

    public static Tensor zeros(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new long[] { size }, dtype, device, requires_grad, names);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Made(Op("zeros_like", input, dtype, Argument.None, device), requires_grad, names);

    public static Tensor ones(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Made(Op("ones", size, dtype, Argument.None, device), requires_grad, names);

    public static Tensor ones(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(size.ToArray(), dtype, device, requires_grad, names);

    public static Tensor rand(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        Made(Op("rand", size, dtype, Argument.None, device), requires_grad, names, generator);

    public static Tensor rand(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(size.ToArray(), dtype, device, requires_grad, generator, names);

    public static Tensor full(
        long[] size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Made(Op("full", size, value, dtype ?? get_default_dtype(), Argument.None, device), requires_grad, names);

    public static Tensor full(
        ReadOnlySpan<long> size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => full(size.ToArray(), value, dtype, device, requires_grad, names);

    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Op("arange.start_step", start, stop, step, dtype, Argument.None, device), requires_grad, null);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor eye(
        long rows,
        long columns = -1L,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Made(Op("eye.m", rows, columns == -1 ? rows : columns, dtype, Argument.None, device), requires_grad, names);

    private static Tensor Made(Tensor tensor, bool requires_grad, string[]? names, Generator? generator = null)
    {
        if (names is not null || generator is not null)
        {
            throw new NotSupportedException("The stand-in has neither named dimensions nor generators beside the default one.");
        }

        return requires_grad ? tensor.requires_grad_() : tensor;
    }
}
