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

        public Tensor abs_() => InPlace("abs_", this);

        public Tensor add(Tensor target) => Op("add.Tensor", this, target);

        public Tensor add(Tensor target, Scalar alpha) => Op("add.Tensor", this, target, alpha);

        public Tensor add(Scalar scalar) => Op("add.Scalar", this, scalar);

        public Tensor add_(Tensor target) => InPlace("add_.Tensor", this, target);

        public Tensor add_(Tensor target, Scalar alpha) => InPlace("add_.Tensor", this, target, alpha);

        public Tensor add_(Scalar scalar) => InPlace("add_.Scalar", this, scalar);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Op("addcdiv", this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            InPlace("addcdiv_", this, tensor1, tensor2, value);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Op("addcmul", this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            InPlace("addcmul_", this, tensor1, tensor2, value);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Op("addmm", this, mat1, mat2, beta, alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            InPlace("addmm_", this, mat1, mat2, beta, alpha);

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Op("baddbmm", this, batch1, batch2, beta, alpha);

        public Tensor bitwise_and(Tensor other) => Op("bitwise_and.Tensor", this, other);

        public Tensor bitwise_not() => Op("bitwise_not", this);

        public Tensor bitwise_or(Tensor other) => Op("bitwise_or.Tensor", this, other);

        public Tensor bitwise_xor(Tensor other) => Op("bitwise_xor.Tensor", this, other);

        public Tensor bmm(Tensor batch2) => Op("bmm", this, batch2);

        public Tensor ceil() => Op("ceil", this);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Op("clamp", this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Op("clamp.Tensor", this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => InPlace("clamp_", this, min, max);

        public Tensor clamp_max(Scalar max) => Op("clamp_max", this, max);

        public Tensor clamp_max_(Scalar max) => InPlace("clamp_max_", this, max);

        public Tensor clamp_min(Scalar min) => Op("clamp_min", this, min);

        public Tensor clamp_min_(Scalar min) => InPlace("clamp_min_", this, min);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        public Tensor cos() => Op("cos", this);

        public Tensor cumsum(long dim, ScalarType? type = null) => Op("cumsum", this, dim, type);

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

        public Tensor dot(Tensor target) => Op("dot", this, target);

        public Tensor erf() => Op("erf", this);

        public Tensor erfinv_() => InPlace("erfinv_", this);

        public Tensor exp() => Op("exp", this);

        public Tensor exp_() => InPlace("exp_", this);

        public Tensor expm1() => Op("expm1", this);

        public Tensor floor() => Op("floor", this);

        public Tensor floor_divide(Tensor other) => Op("floor_divide", this, other);

        public Tensor gelu() => Op("gelu", this);

        public Tensor gelu_() => InPlace("gelu_", this);

        public Tensor leaky_relu(Scalar negative_slope) => Op("leaky_relu", this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => InPlace("leaky_relu_", this, negative_slope);

        public Tensor lerp(Tensor end, Tensor weight) => Op("lerp.Tensor", this, end, weight);

        public Tensor log() => Op("log", this);

        public Tensor log_() => InPlace("log_", this);

        public Tensor log10() => Op("log10", this);

        public Tensor log1p() => Op("log1p", this);

        public Tensor log2() => Op("log2", this);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Op("log_softmax.int", this, dim, dtype);

        public Tensor logaddexp(Tensor other) => Op("logaddexp", this, other);

        public Tensor logical_and(Tensor other) => Op("logical_and", this, other);

        public Tensor logical_not() => Op("logical_not", this);

        public Tensor logical_or(Tensor other) => Op("logical_or", this, other);

        public Tensor logical_xor(Tensor other) => Op("logical_xor", this, other);

        public Tensor matmul(Tensor target) => Op("matmul", this, target);

        public Tensor maximum(Tensor other) => Op("maximum", this, other);

        public Tensor minimum(Tensor other) => Op("minimum", this, other);

        public Tensor mm(Tensor target) => Op("mm", this, target);

        public Tensor mul(Tensor target) => Op("mul.Tensor", this, target);

        public Tensor mul(Scalar target) => Op("mul.Scalar", this, target);

        public Tensor mul_(Tensor target) => InPlace("mul_.Tensor", this, target);

        public Tensor mul_(Scalar target) => InPlace("mul_.Scalar", this, target);

        public Tensor mv(Tensor target) => Op("mv", this, target);

        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) =>
            Op("nan_to_num", this, nan, posinf, neginf);

        public Tensor neg() => Op("neg", this);

        public Tensor neg_() => InPlace("neg_", this);

        public Tensor negative() => neg();

        public Tensor outer(Tensor vec2) => Op("outer", this, vec2);

        public Tensor pow(Tensor exponent) => Op("pow.Tensor_Tensor", this, exponent);

        public Tensor pow(Scalar exponent) => Op("pow.Tensor_Scalar", this, exponent);

        public Tensor pow_(Scalar exponent) => InPlace("pow_.Scalar", this, exponent);

        public Tensor prelu(Tensor target) => Op("prelu", this, target);

        public Tensor reciprocal() => Op("reciprocal", this);

        public Tensor reciprocal_() => InPlace("reciprocal_", this);

        public Tensor relu() => Op("relu", this);

        public Tensor relu_() => InPlace("relu_", this);

        public Tensor remainder(Tensor target) => Op("remainder.Tensor", this, target);

        public Tensor remainder(Scalar scalar) => Op("remainder.Scalar", this, scalar);

        public Tensor round(long decimals = 0L) => Op("round.decimals", this, decimals);

        public Tensor rsqrt() => Op("rsqrt", this);

        public Tensor rsqrt_() => InPlace("rsqrt_", this);

        public Tensor sigmoid() => Op("sigmoid", this);

        public Tensor sigmoid_() => InPlace("sigmoid_", this);

        public Tensor sign() => Op("sign", this);

        public Tensor sin() => Op("sin", this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Op("softmax.int", this, dim, dtype);

        public Tensor sqrt() => Op("sqrt", this);

        public Tensor sqrt_() => InPlace("sqrt_", this);

        public Tensor square() => pow(2);

        public Tensor sub(Tensor target) => Op("sub.Tensor", this, target);

        public Tensor sub(Scalar target) => Op("sub.Scalar", this, target);

        public Tensor sub_(Tensor target) => InPlace("sub_.Tensor", this, target);

        public Tensor sub_(Scalar target) => InPlace("sub_.Scalar", this, target);

        public Tensor tanh() => Op("tanh", this);

        public Tensor trunc() => Op("trunc", this);

        private static string Name(RoundingMode mode) => mode == RoundingMode.trunc ? "trunc" : "floor";
    }
}
