using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Op("eq.Tensor", this, target);

        public Tensor eq(Scalar target) => Op("eq.Scalar", this, target);

        public Tensor ne(Tensor target) => Op("ne.Tensor", this, target);

        public Tensor ne(Scalar target) => Op("ne.Scalar", this, target);

        public Tensor lt(Tensor target) => Op("lt.Tensor", this, target);

        public Tensor lt(Scalar target) => Op("lt.Scalar", this, target);

        public Tensor le(Tensor target) => Op("le.Tensor", this, target);

        public Tensor le(Scalar target) => Op("le.Scalar", this, target);

        public Tensor gt(Tensor target) => Op("gt.Tensor", this, target);

        public Tensor gt(Scalar target) => Op("gt.Scalar", this, target);

        public Tensor ge(Tensor target) => Op("ge.Tensor", this, target);

        public Tensor ge(Scalar target) => Op("ge.Scalar", this, target);

        public bool Equals(Tensor target) => OpBool("equal", this, target);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            OpBool("allclose", this, target, rtol, atol, equal_nan);

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            Op("isclose", this, other, rtol, atol, nanEqual);

        public Tensor isfinite() => Op("isfinite", this);

        public Tensor isinf() => Op("isinf", this);

        public Tensor isnan() => Op("isnan", this);

        public Tensor where(Tensor condition, Tensor y) => Op("where.self", condition, this, y);

        public Tensor masked_fill(Tensor mask, Scalar value) => Op("masked_fill.Scalar", this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => InPlace("masked_fill_.Scalar", this, mask, value);

        public Tensor masked_select(Tensor mask) => Op("masked_select", this, mask);

        public Tensor nonzero() => Op("nonzero", this);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Op2("sort.stable", this, stable, dim, descending);

        public Tensor argsort(long dim = -1, bool descending = false) => Op("argsort", this, dim, descending);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Op2("topk", this, k, dim, largest, sorted);
    }
}
