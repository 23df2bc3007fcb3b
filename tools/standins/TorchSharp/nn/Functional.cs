using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Op("linear", input, weights, bias);

            public static Tensor prelu(Tensor input, Tensor weight) => input.prelu(weight);

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                inplace ? input.leaky_relu_(negative_slope).alias() : input.leaky_relu(negative_slope);

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? InPlace("dropout_", input, p, training).alias() : Op("dropout", input, p, training);

            public static Tensor pad(
                Tensor input,
                long[] pad,
                PaddingModes mode = PaddingModes.Constant,
                double value = 0) => mode switch
            {
                PaddingModes.Constant or PaddingModes.Zeros => Op("constant_pad_nd", input, pad, value),
                PaddingModes.Reflect => Op("pad", input, pad, "reflect"),
                PaddingModes.Replicate => Op("pad", input, pad, "replicate"),
                _ => Op("pad", input, pad, "circular"),
            };

            public static Tensor pad(
                Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, pad.ToArray(), mode, value);
        }
    }
}
