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

            (this.in_channels, this.groups, this.stride) = (in_channels, groups, stride);
            (this.padding, this.dilation, this.output_padding) = (padding, dilation, output_padding);
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
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            private static long[] Same(long value, int count) => [.. Enumerable.Repeat(value, count)];
        }
    }
}
