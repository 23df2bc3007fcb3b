using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor all() => Op("all", this);

        public Tensor all(long dim, bool keepdim = false) => Op("all.dim", this, dim, keepdim);

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            amax((ReadOnlySpan<long>)dims, keepdim, @out);

        public Tensor amax(params long[] dims) => amax((ReadOnlySpan<long>)dims, false, null);

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Op("amax", this, dims.ToArray(), keepdim) : Op("amax.out", this, dims.ToArray(), keepdim, @out);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            amin((ReadOnlySpan<long>)dims, keepdim, @out);

        public Tensor amin(params long[] dims) => amin((ReadOnlySpan<long>)dims, false, null);

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Op("amin", this, dims.ToArray(), keepdim) : Op("amin.out", this, dims.ToArray(), keepdim, @out);

        public Tensor any() => Op("any", this);

        public Tensor any(long dim, bool keepdim = false) => Op("any.dim", this, dim, keepdim);

        public Tensor argmax() => Op("argmax", this);

        public Tensor argmax(long dim, bool keepdim = false) => Op("argmax", this, dim, keepdim);

        public Tensor argmin() => Op("argmin", this);

        public Tensor argmin(long dim, bool keepdim = false) => Op("argmin", this, dim, keepdim);

        public Tensor bincount(Tensor? weights, long minlength = 0) => Op("bincount", this, weights, minlength);

        public Tensor count_nonzero(long[]? dims = null) =>
            dims is null ? Op("count_nonzero", this) : Op("count_nonzero.dim_IntList", this, dims);

        public Tensor logsumexp(long dim, bool keepdim = false) => Op("logsumexp", this, new[] { dim }, keepdim);

        public Tensor max() => Op("max", this);

        public Tensor max(Tensor other) => Op("maximum", this, other);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Op2("max.dim", this, dim, keepdim);

        public Tensor mean() => Op("mean", this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Op("mean.dim", this, dimensions, keepdim, type);

        public Tensor median() => Op("median", this);

        public Tensor min() => Op("min", this);

        public Tensor min(Tensor other) => Op("minimum", this, other);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Op2("min.dim", this, dim, keepdim);

        public Tensor norm(float p = 2.0f) => Op("norm.Scalar", this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) =>
            Op("norm.ScalarOpt_dim", this, p, new long[] { dim }, keepdim);

        public Tensor prod(ScalarType? type = null) => Op("prod", this, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) =>
            Op("prod.dim_int", this, dim, keepdim, type);

        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Op("quantile", this, q, dim, keepdim);

        public Tensor std(bool unbiased = true) => Op("std", this, unbiased);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Op("std.dim", this, dimensions, unbiased, keepdim);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Op("std.dim", this, new[] { dim }, unbiased, keepdim);

        public Tensor sum(ScalarType? type = null) => Op("sum", this, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Op("sum.dim_IntList", this, dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            sum(dim.ToArray(), keepdim, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim }, keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            sum(new[] { dim0, dim1 }, keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            sum(new[] { dim0, dim1, dim2 }, keepdim, type);

        public Tensor var(bool unbiased = true) => Op("var", this, unbiased);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Op("var.dim", this, dimensions, unbiased, keepdim);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Op("var.dim", this, new[] { dim }, unbiased, keepdim);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            (Tensor output, Tensor inverse, Tensor counts) = dim is null
                ? Op3("_unique2", this, sorted, return_inverse, return_counts)
                : Op3("unique_dim", this, dim.Value, sorted, return_inverse, return_counts);
            return (output, return_inverse ? inverse : null, return_counts ? counts : null);
        }
    }
}
