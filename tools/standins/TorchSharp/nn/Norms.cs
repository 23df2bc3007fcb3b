using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Weights, and where asked for running statistics, of a normalisation.</summary>
    public abstract class NormBase : nn.Module<Tensor, Tensor>
    {
        internal NormBase(
            string name,
            long num_features,
            double eps,
            double? momentum,
            bool affine,
            bool track_running_stats,
            Device? device,
            ScalarType? dtype)
            : base(name)
        {
            (this.num_features, this.eps, this.momentum) = (num_features, eps, momentum);
            this.track_running_stats = track_running_stats;
            if (affine)
            {
                weight = nn.Parameter(ones([num_features], dtype, device));
                bias = nn.Parameter(zeros([num_features], dtype, device));
            }

            if (track_running_stats)
            {
                register_buffer(nameof(running_mean), zeros([num_features], dtype, device).DetachFromDisposeScope());
                register_buffer(nameof(running_var), ones([num_features], dtype, device).DetachFromDisposeScope());
                register_buffer(nameof(num_batches_tracked), tensor(0L, null, device).DetachFromDisposeScope());
            }
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

        public Tensor? running_mean => Buffer(nameof(running_mean));

        public Tensor? running_var => Buffer(nameof(running_var));

        public Tensor? num_batches_tracked => Buffer(nameof(num_batches_tracked));

        public long num_features { get; }

        public double eps { get; set; }

        public double? momentum { get; set; }

        public bool track_running_stats { get; }

        private Tensor? Buffer(string name) => Buffers.TryGetValue(name, out (Tensor Buffer, bool) found) ? found.Buffer : null;
    }

    public abstract class BatchNorm : NormBase
    {
        private readonly int dimensions;

        internal BatchNorm(
            string name,
            int dimensions,
            long num_features,
            double eps,
            double momentum,
            bool affine,
            bool track_running_stats,
            Device? device,
            ScalarType? dtype)
            : base(name, num_features, eps, momentum, affine, track_running_stats, device, dtype) => this.dimensions = dimensions;

        public override Tensor forward(Tensor input)
        {
            if (input.ndim != dimensions + 2)
            {
                throw new ArgumentException($"expected {dimensions + 2}D input, but got {input.ndim}D input.");
            }

            if (training && track_running_stats)
            {
                num_batches_tracked!.add_(1);
            }

            bool statistics = !training || track_running_stats;
            return nn.functional.batch_norm(
                input,
                statistics ? running_mean : null,
                statistics ? running_var : null,
                weight,
                bias,
                training || running_mean is null,
                momentum ?? 0.1,
                eps);
        }
    }

    public abstract class InstanceNorm : NormBase
    {
        private readonly int dimensions;

        internal InstanceNorm(
            string name,
            int dimensions,
            long num_features,
            double eps,
            double? momentum,
            bool affine,
            bool track_running_stats,
            Device? device,
            ScalarType? dtype)
            : base(name, num_features, eps, momentum ?? 0.1, affine, track_running_stats, device, dtype) =>
            this.dimensions = dimensions;

        public override Tensor forward(Tensor input)
        {
            if (input.ndim != dimensions + 2 && input.ndim != dimensions + 1)
            {
                throw new ArgumentException(
                    $"expected {dimensions + 1}D or {dimensions + 2}D input, but got {input.ndim}D input.");
            }

            int axis = (int)input.ndim - dimensions - 1;
            if (input.size(axis) != num_features)
            {
                throw new ArgumentException(
                    $"expected input's size at dim={axis} to match num_features ({num_features}), but got: {input.size(axis)}.");
            }

            if (axis == 1)
            {
                return Apply(input);
            }

            using Tensor batch = input.unsqueeze(0);
            return Apply(batch).squeeze_(0);
        }

        private Tensor Apply(Tensor input) => nn.functional.instance_norm(
            input, running_mean, running_var, weight, bias, training || !track_running_stats, momentum ?? 0.1, eps);
    }

    public sealed class BatchNorm2d : BatchNorm
    {
        internal BatchNorm2d(
            long num_features,
            double eps,
            double momentum,
            bool affine,
            bool track_running_stats,
            Device? device,
            ScalarType? dtype)
            : base(nameof(BatchNorm2d), 2, num_features, eps, momentum, affine, track_running_stats, device, dtype)
        {
        }
    }

    public sealed class BatchNorm3d : BatchNorm
    {
        internal BatchNorm3d(
            long num_features,
            double eps,
            double momentum,
            bool affine,
            bool track_running_stats,
            Device? device,
            ScalarType? dtype)
            : base(nameof(BatchNorm3d), 3, num_features, eps, momentum, affine, track_running_stats, device, dtype)
        {
        }
    }

    public sealed class InstanceNorm2d : InstanceNorm
    {
        internal InstanceNorm2d(
            long num_features,
            double eps,
            double momentum,
            bool affine,
            bool track_running_stats,
            Device? device,
            ScalarType? dtype)
            : base(nameof(InstanceNorm2d), 2, num_features, eps, momentum, affine, track_running_stats, device, dtype)
        {
        }
    }

    public sealed class InstanceNorm3d : InstanceNorm
    {
        internal InstanceNorm3d(
            long num_features,
            double eps,
            double momentum,
            bool affine,
            bool track_running_stats,
            Device? device,
            ScalarType? dtype)
            : base(nameof(InstanceNorm3d), 3, num_features, eps, momentum, affine, track_running_stats, device, dtype)
        {
        }
    }

    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        internal LayerNorm(
            long[] normalized_shape,
            double eps,
            bool elementwise_affine,
            bool bias,
            Device? device,
            ScalarType? dtype)
            : base(nameof(LayerNorm))
        {
            (this.normalized_shape, this.eps, this.elementwise_affine) = (normalized_shape, eps, elementwise_affine);
            if (elementwise_affine)
            {
                weight = nn.Parameter(ones(normalized_shape, dtype, device));
                this.bias = bias ? nn.Parameter(zeros(normalized_shape, dtype, device)) : null;
            }
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

        public long[] normalized_shape { get; set; }

        public double eps { get; set; }

        public bool elementwise_affine { get; set; }

        public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.BatchNorm2d BatchNorm2d(
                long num_features,
                double eps = 1e-05,
                double momentum = 0.1,
                bool affine = true,
                bool track_running_stats = true,
                Device? device = null,
                ScalarType? dtype = null) => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.BatchNorm3d BatchNorm3d(
                long num_features,
                double eps = 1e-05,
                double momentum = 0.1,
                bool affine = true,
                bool track_running_stats = true,
                Device? device = null,
                ScalarType? dtype = null) => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.InstanceNorm2d InstanceNorm2d(
                long num_features,
                double eps = 1e-05,
                double momentum = 0.1,
                bool affine = false,
                bool track_running_stats = false,
                Device? device = null,
                ScalarType? dtype = null) => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.InstanceNorm3d InstanceNorm3d(
                long num_features,
                double eps = 1e-05,
                double momentum = 0.1,
                bool affine = false,
                bool track_running_stats = false,
                Device? device = null,
                ScalarType? dtype = null) => new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.LayerNorm LayerNorm(
                long normalized_shape,
                double eps = 1e-05,
                bool elementwise_affine = true,
                bool bias = true,
                Device? device = null,
                ScalarType? dtype = null) => new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(
                    Tensor input,
                    Tensor? running_mean,
                    Tensor? running_var,
                    Tensor? weight = null,
                    Tensor? bias = null,
                    bool training = false,
                    double momentum = 0.1,
                    double eps = 1e-5) =>
                    Native.Op("batch_norm", input, weight, bias, running_mean, running_var, training, momentum, eps, true);

                public static Tensor instance_norm(
                    Tensor input,
                    Tensor? running_mean = null,
                    Tensor? running_var = null,
                    Tensor? weight = null,
                    Tensor? bias = null,
                    bool use_input_stats = true,
                    double momentum = 0.1,
                    double eps = 1e-5) =>
                    Native.Op(
                        "instance_norm", input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);

                public static Tensor layer_norm(
                    Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                    Native.Op("layer_norm", input, normalized_shape, weight, bias, eps, true);
            }
        }
    }
}
