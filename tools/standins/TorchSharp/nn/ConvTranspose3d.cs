using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class ConvTranspose3d : ConvolutionTranspose
    {
        internal ConvTranspose3d(
            long inputs,
            long outputs,
            long[] kernel,
            long[] stride,
            long[] padding,
            long[] output_padding,
            long[] dilation,
            PaddingModes mode,
            long groups,
            bool bias,
            Device? device,
            ScalarType? dtype)
            : base(
                nameof(ConvTranspose3d),
                inputs,
                outputs,
                kernel,
                stride,
                padding,
                output_padding,
                dilation,
                groups,
                bias,
                mode,
                device,
                dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            CheckShape(input, 3);
            return nn.functional.conv_transpose3d(input, weight, bias, stride, padding, output_padding, dilation, groups);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ConvTranspose3d ConvTranspose3d(
                long in_channels,
                long out_channels,
                long kernel_size,
                long stride = 1,
                long padding = 0,
                long output_padding = 0,
                long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1,
                bool bias = true,
                Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels,
                    out_channels,
                    Same(kernel_size, 3),
                    Same(stride, 3),
                    Same(padding, 3),
                    Same(output_padding, 3),
                    Same(dilation, 3),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

            public static partial class functional
            {
                public static Tensor conv_transpose3d(
                    Tensor input,
                    Tensor weight,
                    Tensor? bias = null,
                    long[]? strides = null,
                    long[]? padding = null,
                    long[]? output_padding = null,
                    long[]? dilation = null,
                    long groups = 1) =>
                    Native.Op(
                        "conv_transpose3d.input",
                        input,
                        weight,
                        bias,
                        strides ?? [1],
                        padding ?? [0],
                        output_padding ?? [0],
                        groups,
                        dilation ?? [1]);
            }
        }
    }
}
