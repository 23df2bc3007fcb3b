using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor all() => Op("all", this);

        public Tensor max() => Op("max", this);

        public Tensor mean() => Op("mean", this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Op("mean.dim", this, dimensions, keepdim, type);

        public Tensor norm(float p = 2.0f) => Op("norm.Scalar", this, p);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Op("std.dim", this, dimensions, unbiased, keepdim);

        public Tensor sum(ScalarType? type = null) => Op("sum", this, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Op("sum.dim_IntList", this, dim, keepdim, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim }, keepdim, type);
    }
}
