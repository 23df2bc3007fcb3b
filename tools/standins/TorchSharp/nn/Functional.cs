using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public enum InterpolationMode
    {
        Nearest = 0,
        Linear = 1,
        Bilinear = 2,
        Bicubic = 3,
        Trilinear = 4,
        Area = 5,
        NearestExact = 6,
    }

    public static partial class nn
    {
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Op("linear", input, weights, bias);

            public static Tensor prelu(Tensor input, Tensor weight) => input.prelu(weight);

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                inplace ? input.leaky_relu_(negative_slope).alias() : input.leaky_relu(negative_slope);

            public static Tensor gelu(Tensor x, bool inplace) => inplace ? x.gelu_().alias() : x.gelu();

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? InPlace("dropout_", input, p, training).alias() : Op("dropout", input, p, training);

            public static Tensor cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                long ignore_index = -100,
                Reduction reduction = Reduction.Mean,
                double label_smoothing = 0.0) =>
                Op("cross_entropy_loss", input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Op("mse_loss", input, target, (long)reduction);

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

            public static Tensor interpolate(
                Tensor x,
                long[]? size = null,
                double[]? scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null,
                bool recompute_scale_factor = false,
                bool antialias = false)
            {
                if (recompute_scale_factor || antialias)
                {
                    throw new NotSupportedException("The stand-in neither recomputes scale factors nor filters.");
                }

                long sides = x.ndim - 2;
                bool corners = align_corners ?? false;
                return (mode, sides) switch
                {
                    (InterpolationMode.Nearest, 1) => Op("upsample_nearest1d.vec", x, size, scale_factor),
                    (InterpolationMode.Nearest, 2) => Op("upsample_nearest2d.vec", x, size, scale_factor),
                    (InterpolationMode.Nearest, 3) => Op("upsample_nearest3d.vec", x, size, scale_factor),
                    (InterpolationMode.Linear, 1) => Op("upsample_linear1d.vec", x, size, corners, scale_factor),
                    (InterpolationMode.Bilinear, 2) => Op("upsample_bilinear2d.vec", x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, 2) => Op("upsample_bicubic2d.vec", x, size, corners, scale_factor),
                    (InterpolationMode.Trilinear, 3) => Op("upsample_trilinear3d.vec", x, size, corners, scale_factor),
                    _ => throw new NotSupportedException($"The stand-in has no interpolation {mode} of {sides} dimensions."),
                };
            }

            public static Tensor max_pool2d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                bool ceil_mode = false) =>
                Op("max_pool2d", input, kernel_size, stride ?? kernel_size, padding ?? 0, dilation ?? 1, ceil_mode);
        }
    }
}
