using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    public partial class Tensor
    {
        public Tensor abs() => Op("abs", this);

        public Tensor add(Tensor target) => Op("add.Tensor", this, target);

        public Tensor add(Scalar scalar) => Op("add.Scalar", this, scalar);

        public Tensor add_(Tensor target) => InPlace("add_.Tensor", this, target);

        public Tensor add_(Tensor target, Scalar alpha) => InPlace("add_.Tensor", this, target, alpha);

        public Tensor add_(Scalar scalar) => InPlace("add_.Scalar", this, scalar);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            InPlace("addcdiv_", this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            InPlace("addcmul_", this, tensor1, tensor2, value);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => InPlace("clamp_", this, min, max);

        public Tensor clamp_min(Scalar min) => Op("clamp_min", this, min);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Op("div.Tensor", this, target)
            : Op("div.Tensor_mode", this, target, Name(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Op("div.Scalar", this, target)
            : Op("div.Scalar_mode", this, target, Name(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? InPlace("div_.Tensor", this, target)
            : InPlace("div_.Tensor_mode", this, target, Name(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? InPlace("div_.Scalar", this, target)
            : InPlace("div_.Scalar_mode", this, target, Name(rounding_mode));

        public Tensor exp() => Op("exp", this);

        public Tensor gelu() => Op("gelu", this);

        public Tensor leaky_relu(Scalar negative_slope) => Op("leaky_relu", this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => InPlace("leaky_relu_", this, negative_slope);

        public Tensor log_() => InPlace("log_", this);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Op("log_softmax.int", this, dim, dtype);

        public Tensor matmul(Tensor target) => Op("matmul", this, target);

        public Tensor mul(Tensor target) => Op("mul.Tensor", this, target);

        public Tensor mul(Scalar target) => Op("mul.Scalar", this, target);

        public Tensor mul_(Tensor target) => InPlace("mul_.Tensor", this, target);

        public Tensor mul_(Scalar target) => InPlace("mul_.Scalar", this, target);

        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) =>
            InPlace("normal_", this, mean, std);

        public Tensor pow(Scalar exponent) => Op("pow.Tensor_Scalar", this, exponent);

        public Tensor prelu(Tensor target) => Op("prelu", this, target);

        public Tensor reciprocal() => Op("reciprocal", this);

        public Tensor relu() => Op("relu", this);

        public Tensor relu_() => InPlace("relu_", this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Op("softmax.int", this, dim, dtype);

        public Tensor sqrt() => Op("sqrt", this);

        public Tensor square() => pow(2);

        public Tensor sub(Tensor target) => Op("sub.Tensor", this, target);

        public Tensor sub_(Tensor target) => InPlace("sub_.Tensor", this, target);

        public Tensor uniform_(double from, double to, Generator? generator = null) => InPlace("uniform_", this, from, to);

        private static string Name(RoundingMode mode) => mode == RoundingMode.trunc ? "trunc" : "floor";
    }
}
