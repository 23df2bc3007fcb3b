using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor T => Op("numpy_T", this);

        public Tensor mT => Op("mT", this);

        public Tensor alias() => new(Check(gs_share(Handle)));

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) =>
            Op("as_strided", this, size, strides, storageOffset);

        public Tensor broadcast_to(params long[] shape) => Op("broadcast_to", this, shape);

        public Tensor[] chunk(long chunks, long dim = 0L) => OpList("chunk", this, chunks, dim);

        public Tensor clone() => Op("clone", this);

        public Tensor contiguous() => Op("contiguous", this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => InPlace("copy_", this, source, nonBlocking);

        public Tensor detach() => Op("detach", this);

        public Tensor detach_() => InPlace("detach_", this);

        public Tensor diag(long diagonal = 0) => Op("diag", this, diagonal);

        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L) => Op("diagonal", this, offset, dim1, dim2);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) =>
            Op("expand", this, sizes.ToArray(), isImplicit);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Op("expand", this, sizes, isImplicit);

        public Tensor expand(params long[] sizes) => Op("expand", this, sizes);

        public Tensor expand_as(Tensor other) => expand(other.shape);

        public Tensor fill_(Scalar value) => InPlace("fill_.Scalar", this, value);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Op("flatten.using_ints", this, start_dim, end_dim);

        public Tensor flip(params long[] dims) => Op("flip", this, dims);

        public Tensor movedim(long[] source, long[] destination) => Op("movedim.intlist", this, source, destination);

        public Tensor narrow(long dim, long start, long length) => Op("narrow", this, dim, start, length);

        public Tensor permute(params long[] permutation) => Op("permute", this, permutation);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor repeat(params long[] sizes) => Op("repeat", this, sizes);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Op("repeat_interleave.self_int", this, repeats, dim, output_size);

        public Tensor reshape(params long[] shape) => Op("reshape", this, shape);

        public Tensor roll(long shifts, long? dims = null) =>
            Op("roll", this, new[] { shifts }, dims is null ? Array.Empty<long>() : new[] { dims.Value });

        public Tensor roll((long, long) shifts, (long, long) dims) =>
            Op("roll", this, new[] { shifts.Item1, shifts.Item2 }, new[] { dims.Item1, dims.Item2 });

        public Tensor roll((long, long, long) shifts, (long, long, long) dims) =>
            Op("roll", this, new[] { shifts.Item1, shifts.Item2, shifts.Item3 }, new[] { dims.Item1, dims.Item2, dims.Item3 });

        public Tensor roll(long[] shifts, long[] dims) => Op("roll", this, shifts, dims);

        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
            Op("roll", this, shifts.ToArray(), dims.ToArray());

        public Tensor rot90(long k = 1, (long, long)? dims = null) =>
            Op("rot90", this, k, dims is null ? new long[] { 0, 1 } : new[] { dims.Value.Item1, dims.Value.Item2 });

        public Tensor select(long dim, long index) => Op("select.int", this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) => Op("slice.Tensor", this, dim, start, finish, step);

        public Tensor[] split(long size, int dim = 0) => OpList("split.Tensor", this, size, dim);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => split(sizes.ToArray(), dim);

        public Tensor[] split(long[] sizes, long dim = 0) => OpList("split_with_sizes", this, sizes, dim);

        public Tensor[] split(params long[] sizes) => split(sizes, 0L);

        public Tensor squeeze(long? dim = null) => dim is null ? Op("squeeze", this) : Op("squeeze.dim", this, dim.Value);

        public Tensor squeeze_(long? dim = null) =>
            dim is null ? InPlace("squeeze_", this) : InPlace("squeeze_.dim", this, dim.Value);

        public Tensor t() => Op("t", this);

        public Tensor tile(long[] reps) => Op("tile", this, reps);

        public Tensor transpose(long dim0, long dim1) => Op("transpose.int", this, dim0, dim1);

        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor tril(long diagonal = 0) => Op("tril", this, diagonal);

        public Tensor triu(long diagonal = 0) => Op("triu", this, diagonal);

        public Tensor[] unbind(long dimension = 0L) => OpList("unbind.int", this, dimension);

        public Tensor unflatten(long dim, params long[] sizes) => Op("unflatten.int", this, dim, sizes);

        public Tensor unfold(long dimension, long size, long step) => Op("unfold", this, dimension, size, step);

        public Tensor unsqueeze(long dim) => Op("unsqueeze", this, dim);

        public Tensor unsqueeze_(long dim) => InPlace("unsqueeze_", this, dim);

        public Tensor view(params long[] shape) => Op("view", this, shape);

        public Tensor view_as(Tensor other) => Op("view_as", this, other);

        public Tensor zero_() => InPlace("zero_", this);
    }
}
