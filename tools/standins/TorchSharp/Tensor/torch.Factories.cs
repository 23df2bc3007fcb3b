using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
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

    public static Tensor empty(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new[] { size }, dtype, device, requires_grad, names);

    public static Tensor empty(
        long rows,
        long columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor empty(
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new[] { dim0, dim1, dim2 }, dtype, device, requires_grad, names);

    public static Tensor empty(
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, names);

    public static Tensor empty(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new long[] { size }, dtype, device, requires_grad, names);

    public static Tensor empty(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new long[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor empty(
        int dim0,
        int dim1,
        int dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new long[] { dim0, dim1, dim2 }, dtype, device, requires_grad, names);

    public static Tensor empty(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        empty(new long[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, names);

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
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new[] { size }, dtype, device, requires_grad, names);

    public static Tensor zeros(
        long rows,
        long columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor zeros(
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new[] { dim0, dim1, dim2 }, dtype, device, requires_grad, names);

    public static Tensor zeros(
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, names);

    public static Tensor zeros(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new long[] { size }, dtype, device, requires_grad, names);

    public static Tensor zeros(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new long[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor zeros(
        int dim0,
        int dim1,
        int dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new long[] { dim0, dim1, dim2 }, dtype, device, requires_grad, names);

    public static Tensor zeros(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        zeros(new long[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, names);

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

    public static Tensor ones(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new[] { size }, dtype, device, requires_grad, names);

    public static Tensor ones(
        long rows,
        long columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor ones(
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new[] { dim0, dim1, dim2 }, dtype, device, requires_grad, names);

    public static Tensor ones(
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, names);

    public static Tensor ones(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new long[] { size }, dtype, device, requires_grad, names);

    public static Tensor ones(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new long[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor ones(
        int dim0,
        int dim1,
        int dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new long[] { dim0, dim1, dim2 }, dtype, device, requires_grad, names);

    public static Tensor ones(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        ones(new long[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, names);

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

    public static Tensor rand(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new[] { size }, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        long rows,
        long columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new[] { rows, columns }, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new[] { dim0, dim1, dim2 }, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new long[] { size }, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new long[] { rows, columns }, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        int dim0,
        int dim1,
        int dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new long[] { dim0, dim1, dim2 }, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        rand(new long[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        Made(Op("randn", size, dtype, Argument.None, device), requires_grad, names, generator);

    public static Tensor randn(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(size.ToArray(), dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new[] { size }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        long rows,
        long columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new[] { rows, columns }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        long dim0,
        long dim1,
        long dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new[] { dim0, dim1, dim2 }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        long dim0,
        long dim1,
        long dim2,
        long dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new long[] { size }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new long[] { rows, columns }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        int dim0,
        int dim1,
        int dim2,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new long[] { dim0, dim1, dim2 }, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        randn(new long[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, generator, names);

    public static Tensor empty_strided(
        long[] size,
        long[] strides,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => Made(Op("empty_strided", size, strides, dtype, Argument.None, device), requires_grad, names);

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

    public static Tensor full(
        long size,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        full(new[] { size }, value, dtype, device, requires_grad, names);

    public static Tensor full(
        long rows,
        long columns,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => full(new[] { rows, columns }, value, dtype, device, requires_grad, names);

    public static Tensor randint(
        long low,
        long high,
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) =>
        Made(
            Op("randint.low", low, high, size, dtype ?? ScalarType.Int64, Argument.None, device),
            requires_grad,
            names,
            generator);

    public static Tensor randint(
        long high,
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null) => randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Made(Op("randperm", n, dtype ?? ScalarType.Int64, Argument.None, device), requires_grad, null, generator);

    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Op("arange.start_step", start, stop, step, dtype, Argument.None, device), requires_grad, null);

    public static Tensor arange(
        Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Op("linspace", start, end, steps, dtype, Argument.None, device), requires_grad, null);

    public static Tensor eye(
        long rows,
        long columns = -1L,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Made(Op("eye.m", rows, columns == -1 ? rows : columns, dtype, Argument.None, device), requires_grad, names);

    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Made(Op("empty_like", input, dtype, Argument.None, device), requires_grad, names);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Made(Op("zeros_like", input, dtype, Argument.None, device), requires_grad, names);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Made(Op("ones_like", input, dtype, Argument.None, device), requires_grad, names);

    public static Tensor full_like(
        Tensor input,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) => Made(Op("full_like", input, value, dtype, Argument.None, device), requires_grad, names);

    public static Tensor rand_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Op("rand_like", input, dtype, Argument.None, device), requires_grad, null);

    public static Tensor randn_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Op("randn_like", input, dtype, Argument.None, device), requires_grad, null);

    private static Tensor Made(Tensor tensor, bool requires_grad, string[]? names, Generator? generator = null)
    {
        if (names is not null || generator is not null)
        {
            throw new NotSupportedException("The stand-in has neither named dimensions nor generators beside the default one.");
        }

        return requires_grad ? tensor.requires_grad_() : tensor;
    }

    public partial class Tensor
    {
        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty_like(this, dtype, device, requires_grad);

        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros_like(this, dtype, device, requires_grad);

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.ones_like(this, dtype, device, requires_grad);

        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full_like(this, value, dtype, device, requires_grad);

        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.rand_like(this, dtype, device, requires_grad);

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.randn_like(this, dtype, device, requires_grad);

        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) =>
            InPlace("normal_", this, mean, std);

        public Tensor uniform_(double from, double to, Generator? generator = null) => InPlace("uniform_", this, from, to);

        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => InPlace("bernoulli_.float", this, p);
    }
}
