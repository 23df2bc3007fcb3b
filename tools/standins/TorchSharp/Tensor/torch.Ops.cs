using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.CurrentDisposeScope;

    public static int get_num_threads() => gs_threads();

    public static void set_num_threads(int num) => Check(gs_set_threads(num));

    public static Tensor abs(Tensor input) => input.abs();

    public static Tensor add(Tensor left, Tensor right) => left.add(right);

    public static Tensor amax(Tensor input, long[] dims, bool keepdim = false, Tensor? @out = null) =>
        input.amax(dims, keepdim, @out);

    public static Tensor argmax(Tensor input, long dim, bool keepdim = false) => input.argmax(dim, keepdim);

    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) => input.bincount(weights, minlength);

    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Op("cat", tensors.ToArray(), dim);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Op("cat", tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Op("cat", tensors.ToArray(), dim);

    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => input.chunk(chunks, dim);

    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);

    public static Tensor einsum(string equation, params Tensor[] tensors) => Op("einsum", equation, tensors);

    public static Tensor exp(Tensor input) => input.exp();

    public static Tensor flip(Tensor input, params long[] dims) => input.flip(dims);

    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);

    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);

    public static Tensor isfinite(Tensor tensor) => tensor.isfinite();

    public static Tensor isnan(Tensor input) => input.isnan();

    public static Tensor log(Tensor input) => input.log();

    public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => input.logsumexp(dim, keepdim);

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor max(Tensor input, Tensor other) => input.maximum(other);

    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    public static Tensor mean(Tensor input) => input.mean();

    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") =>
        OpList("meshgrid.indexing", tensors.ToArray(), indexing);

    public static Tensor min(Tensor input, Tensor other) => input.minimum(other);

    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    public static Tensor mm(Tensor input, Tensor target) => input.mm(target);

    public static Tensor narrow(Tensor input, long dim, long start, long length) => input.narrow(dim, start, length);

    public static Tensor nonzero(Tensor input) => input.nonzero();

    public static Tensor norm(Tensor input, float p = 2.0f) => input.norm(p);

    public static Tensor outer(Tensor input, Tensor vec2) => input.outer(vec2);

    public static Tensor pow(Tensor left, Scalar exponent) => left.pow(exponent);

    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);

    public static Tensor roll(Tensor input, long shifts, long? dims = null) => input.roll(shifts, dims);

    public static Tensor roll(Tensor input, (long, long) shifts, (long, long) dims) => input.roll(shifts, dims);

    public static Tensor roll(Tensor input, (long, long, long) shifts, (long, long, long) dims) => input.roll(shifts, dims);

    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => input.roll(shifts, dims);

    public static Tensor rot90(Tensor input, long k = 1, (long, long)? dims = null) => input.rot90(k, dims);

    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);

    public static Tensor sigmoid(Tensor input) => input.sigmoid();

    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0L) =>
        tensor.split(split_size_or_sections, dim);

    public static Tensor sqrt(Tensor input) => input.sqrt();

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Op("stack", tensors.ToArray(), dim);

    public static Tensor sum(Tensor input, ScalarType? type = null) => input.sum(type);

    public static Tensor tanh(Tensor input) => input.tanh();

    public static Tensor[] unbind(Tensor tensor, int dim = 0) => tensor.unbind(dim);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => x.where(condition, y);
}
