using static TorchSharp.torch;

namespace TorchSharp
{
    public enum PaddingModes
    {
        Zeros = 0,
        Reflect = 1,
        Replicate = 2,
        Circular = 3,
        Constant = 4,
    }
}

namespace TorchSharp.Modules
{
    /// <summary>The weights and the geometry of a convolution; padding is with zeros.</summary>
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        internal Convolution(
            string name,
            long in_channels,
            long out_channels,
            long[] kernel_size,
            long[] stride,
            long[] padding,
            long[] dilation,
            bool transposed,
            long[] output_padding,
            long groups,
            bool bias,
            PaddingModes padding_mode,
            Device? device,
            ScalarType? dtype)
            : base(name)
        {
            if (padding_mode != PaddingModes.Zeros)
            {
                throw new NotSupportedException("The stand-in pads convolutions with zeros only.");
            }

            (this.in_channels, this.out_channels, this.groups) = (in_channels, out_channels, groups);
            (this.kernel_size, this.stride, this.padding) = (kernel_size, stride, padding);
            (this.dilation, this.output_padding) = (dilation, output_padding);
            long[] sides = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
            weight = nn.Parameter(empty([.. sides, .. kernel_size], dtype, device));
            if (bias)
            {
                this.bias = nn.Parameter(empty([out_channels], dtype, device));
            }

            reset_parameters();
        }

        public Parameter weight
        {
            get => Part(nameof(weight))!;
            set => SetPart(nameof(weight), value);
        }

        public Parameter? bias
        {
            get => Part(nameof(bias));
            set => SetPart(nameof(bias), value);
        }

        public long in_channels { get; }

        public long out_channels { get; }

        public long[] kernel_size { get; }

        public long[] stride { get; }

        public long[]? padding { get; }

        public long[] dilation { get; }

        public long[] output_padding { get; }

        public long groups { get; }

        public void reset_parameters()
        {
            nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (bias is not null)
            {
                double bound = 1 / Math.Sqrt(nn.init.CalculateFanInAndFanOut(weight).fanIn);
                nn.init.uniform_(bias, -bound, bound);
            }
        }

        internal void CheckShape(Tensor input, int dimensions)
        {
            long n = input.ndim;
            if ((n != dimensions + 2 || input.size(1) != in_channels) && (n != dimensions + 1 || input.size(0) != in_channels))
            {
                throw new ArgumentException(
                    $"Expected {dimensions + 1}D (unbatched) or {dimensions + 2}D (batched) input with {in_channels} channels " +
                    $"to {GetName()}.");
            }
        }
    }

    public abstract class ConvolutionTranspose : Convolution
    {
        internal ConvolutionTranspose(
            string name,
            long in_channels,
            long out_channels,
            long[] kernel_size,
            long[] stride,
            long[] padding,
            long[] output_padding,
            long[] dilation,
            long groups,
            bool bias,
            PaddingModes padding_mode,
            Device? device,
            ScalarType? dtype)
            : base(
                name,
                in_channels,
                out_channels,
                kernel_size,
                stride,
                padding,
                dilation,
                true,
                output_padding,
                groups,
                bias,
                padding_mode,
                device,
                dtype)
        {
        }
    }

    public sealed class Conv2d : Convolution
    {
        internal Conv2d(
            long inputs,
            long outputs,
            long[] kernel,
            long[] stride,
            long[] padding,
            long[] dilation,
            PaddingModes mode,
            long groups,
            bool bias,
            Device? device,
            ScalarType? dtype)
            : base(
                nameof(Conv2d),
                inputs,
                outputs,
                kernel,
                stride,
                padding,
                dilation,
                false,
                new long[2],
                groups,
                bias,
                mode,
                device,
                dtype)
        {
        }

        public override Tensor forward(Tensor input)
        {
            CheckShape(input, 2);
            return nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
        }
    }

    public sealed class ConvTranspose2d : ConvolutionTranspose
    {
        internal ConvTranspose2d(
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
                nameof(ConvTranspose2d),
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
            CheckShape(input, 2);
            return nn.functional.conv_transpose2d(input, weight, bias, stride, padding, output_padding, dilation, groups);
        }
    }

    public sealed class Conv3d : Convolution
    {
        internal Conv3d(
            long inputs,
            long outputs,
            long[] kernel,
            long[] stride,
            long[] padding,
            long[] dilation,
            PaddingModes mode,
            long groups,
            bool bias,
            Device? device,
            ScalarType? dtype)
            : base(
                nameof(Conv3d),
                inputs,
                outputs,
                kernel,
                stride,
                padding,
                dilation,
                false,
                new long[3],
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
            return nn.functional.conv3d(input, weight, bias, stride, padding, dilation, groups);
        }
    }

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
            public static Modules.Conv2d Conv2d(
                long in_channels,
                long out_channels,
                long kernel_size,
                long stride = 1,
                long padding = 0,
                long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1,
                bool bias = true,
                Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels,
                    out_channels,
                    Same(kernel_size, 2),
                    Same(stride, 2),
                    Same(padding, 2),
                    Same(dilation, 2),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

            public static Modules.Conv2d Conv2d(
                long in_channels,
                long out_channels,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1,
                bool bias = true,
                Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels,
                    out_channels,
                    Each(kernel_size),
                    Each(stride ?? (1, 1)),
                    Each(padding ?? (0, 0)),
                    Each(dilation ?? (1, 1)),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

            public static Modules.ConvTranspose2d ConvTranspose2d(
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
                    Same(kernel_size, 2),
                    Same(stride, 2),
                    Same(padding, 2),
                    Same(output_padding, 2),
                    Same(dilation, 2),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

            public static Modules.ConvTranspose2d ConvTranspose2d(
                long in_channels,
                long out_channels,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                (long, long)? output_padding = null,
                (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1,
                bool bias = true,
                Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels,
                    out_channels,
                    Each(kernel_size),
                    Each(stride ?? (1, 1)),
                    Each(padding ?? (0, 0)),
                    Each(output_padding ?? (0, 0)),
                    Each(dilation ?? (1, 1)),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

            public static Modules.Conv3d Conv3d(
                long in_channels,
                long out_channels,
                long kernel_size,
                long stride = 1,
                long padding = 0,
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
                    Same(dilation, 3),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

            public static Modules.Conv3d Conv3d(
                long in_channels,
                long out_channels,
                (long, long, long) kernel_size,
                (long, long, long)? stride = null,
                (long, long, long)? padding = null,
                (long, long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1,
                bool bias = true,
                Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels,
                    out_channels,
                    Each(kernel_size),
                    Each(stride ?? (1, 1, 1)),
                    Each(padding ?? (0, 0, 0)),
                    Each(dilation ?? (1, 1, 1)),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

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

            public static Modules.ConvTranspose3d ConvTranspose3d(
                long in_channels,
                long out_channels,
                (long, long, long) kernel_size,
                (long, long, long)? stride = null,
                (long, long, long)? padding = null,
                (long, long, long)? output_padding = null,
                (long, long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1,
                bool bias = true,
                Device? device = null,
                ScalarType? dtype = null) =>
                new(
                    in_channels,
                    out_channels,
                    Each(kernel_size),
                    Each(stride ?? (1, 1, 1)),
                    Each(padding ?? (0, 0, 0)),
                    Each(output_padding ?? (0, 0, 0)),
                    Each(dilation ?? (1, 1, 1)),
                    padding_mode,
                    groups,
                    bias,
                    device,
                    dtype);

            private static long[] Same(long value, int count) => [.. Enumerable.Repeat(value, count)];

            private static long[] Each((long, long) value) => [value.Item1, value.Item2];

            private static long[] Each((long, long, long) value) => [value.Item1, value.Item2, value.Item3];

            public static partial class functional
            {
                public static Tensor conv2d(
                    Tensor input,
                    Tensor weight,
                    Tensor? bias = null,
                    long[]? strides = null,
                    long[]? padding = null,
                    long[]? dilation = null,
                    long groups = 1) =>
                    Native.Op("conv2d", input, weight, bias, strides ?? [1], padding ?? [0], dilation ?? [1], groups);

                public static Tensor conv_transpose2d(
                    Tensor input,
                    Tensor weight,
                    Tensor? bias = null,
                    long[]? strides = null,
                    long[]? padding = null,
                    long[]? output_padding = null,
                    long[]? dilation = null,
                    long groups = 1) =>
                    Native.Op(
                        "conv_transpose2d.input",
                        input,
                        weight,
                        bias,
                        strides ?? [1],
                        padding ?? [0],
                        output_padding ?? [0],
                        groups,
                        dilation ?? [1]);

                public static Tensor conv3d(
                    Tensor input,
                    Tensor weight,
                    Tensor? bias = null,
                    long[]? strides = null,
                    long[]? padding = null,
                    long[]? dilation = null,
                    long groups = 1) =>
                    Native.Op("conv3d", input, weight, bias, strides ?? [1], padding ?? [0], dilation ?? [1], groups);

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
