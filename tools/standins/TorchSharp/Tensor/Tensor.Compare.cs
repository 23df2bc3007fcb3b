using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Op("eq.Tensor", this, target);

        public Tensor ne(Tensor target) => Op("ne.Tensor", this, target);

        public bool Equals(Tensor target) => OpBool("equal", this, target);

        public Tensor isfinite() => Op("isfinite", this);
    }
}
