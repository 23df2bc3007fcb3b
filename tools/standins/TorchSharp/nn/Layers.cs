using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        internal Linear(long inputs, long outputs, bool hasBias, Device? device, ScalarType? dtype)
            : base(nameof(Linear))
        {
            (in_features, out_features) = (inputs, outputs);
            weight = nn.Parameter(empty([outputs, inputs], dtype, device));
            nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (hasBias)
            {
                bias = nn.Parameter(empty([outputs], dtype, device));
                double bound = inputs > 0 ? 1 / Math.Sqrt(inputs) : 0;
                nn.init.uniform_(bias, -bound, bound);
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

        public long in_features { get; set; }

        public long out_features { get; set; }

        public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);
    }

    public sealed class PReLU : nn.Module<Tensor, Tensor>
    {
        internal PReLU(long num_parameters, double init, Device? device, ScalarType? dtype)
            : base(nameof(PReLU)) =>
            weight = nn.Parameter(full([num_parameters], init, dtype, device));

        public Parameter weight
        {
            get => Part(nameof(weight))!;
            set => SetPart(nameof(weight), value);
        }

        public override Tensor forward(Tensor tensor) => nn.functional.prelu(tensor, weight);
    }

    public sealed class ReLU : ParameterLessModule<Tensor, Tensor>
    {
        internal ReLU(bool inplace)
            : base(nameof(ReLU)) => this.inplace = inplace;

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, inplace);
    }

    public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout(double p, bool inplace)
            : base(nameof(Dropout)) => (this.p, this.inplace) = (p, inplace);

        public bool inplace { get; set; }

        public double p { get; set; }

        public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, p, training, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Linear Linear(
                long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            public static Modules.PReLU PReLU(
                long num_parameters, double init = 0.25, Device? device = null, ScalarType? dtype = null) =>
                new(num_parameters, init, device, dtype);

            public static Modules.ReLU ReLU(bool inplace = false) => new(inplace);

            public static Modules.Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}
