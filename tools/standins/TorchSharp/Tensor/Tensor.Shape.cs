using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor alias() => new(Check(gs_share(Handle)));

        public Tensor clone() => Op("clone", this);

        public Tensor contiguous() => Op("contiguous", this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => InPlace("copy_", this, source, nonBlocking);

        public Tensor detach() => Op("detach", this);

        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L) => Op("diagonal", this, offset, dim1, dim2);

        public Tensor index_select(long dim, Tensor index) => Op("index_select", this, dim, index);

        public Tensor narrow(long dim, long start, long length) => Op("narrow", this, dim, start, length);

        public Tensor permute(params long[] permutation) => Op("permute", this, permutation);

        public Tensor reshape(params long[] shape) => Op("reshape", this, shape);

        public Tensor roll(long[] shifts, long[] dims) => Op("roll", this, shifts, dims);

        public Tensor select(long dim, long index) => Op("select.int", this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) => Op("slice.Tensor", this, dim, start, finish, step);

        public Tensor squeeze_(long? dim = null) =>
            dim is null ? InPlace("squeeze_", this) : InPlace("squeeze_.dim", this, dim.Value);

        public Tensor t() => Op("t", this);

        public Tensor transpose(long dim0, long dim1) => Op("transpose.int", this, dim0, dim1);

        public Tensor unsqueeze(long dim) => Op("unsqueeze", this, dim);

        public Tensor view(params long[] shape) => Op("view", this, shape);

        public Tensor zero_() => InPlace("zero_", this);
    }
}
