namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>First values of parameters, as PyTorch draws them.</summary>
        public static class init
        {
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2.0),
                NonlinearityType.LeakyReLU => Math.Sqrt(2.0 / (1 + (param * param))),
                _ => 1.0,
            };

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                Quietly(tensor, t => t.uniform_(low, high));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                Quietly(tensor, t => t.normal_(mean, std));

            public static Tensor kaiming_uniform_(
                Tensor tensor,
                double a = 0,
                FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                double bound = Math.Sqrt(3.0) * Deviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                long[] shape = tensor.shape;
                if (shape.Length < 2)
                {
                    throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                }

                long field = shape.Skip(2).Aggregate(1L, (product, side) => product * side);
                return (shape[1] * field, shape[0] * field);
            }

            private static double Deviation(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static Tensor Quietly(Tensor tensor, Func<Tensor, Tensor> change)
            {
                using IDisposable quiet = no_grad();
                return change(tensor);
            }
        }

        public static partial class utils
        {
            /// <summary>
            /// Scales all gradients by one factor so that their common norm is at most <paramref name="max_norm"/>.
            /// </summary>
            public static double clip_grad_norm_(IEnumerable<Modules.Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using IDisposable quiet = no_grad();
                using DisposeScope scope = NewDisposeScope();
                Tensor[] grads = [.. tensors.Select(tensor => tensor.grad).OfType<Tensor>()];
                if (grads.Length == 0)
                {
                    return 0;
                }

                Tensor norms = stack(grads.Select(grad => Native.Op("norm.Scalar", grad, norm_type)));
                Tensor total = Native.Op("norm.Scalar", norms, norm_type);
                Tensor factor = (max_norm / (total + 1e-6)).clamp_((Scalar?)null, 1.0);
                foreach (Tensor grad in grads)
                {
                    grad.mul_(factor);
                }

                return total.ToDouble();
            }
        }
    }
}
