using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Adam with weight decay apart from the gradient. The order of the operations is that of TorchSharp.</summary>
    public class AdamW : OptimizerHelper
    {
        private readonly Options defaults;

        public AdamW(
            IEnumerable<Parameter> parameters,
            double lr = 1e-3,
            double beta1 = 0.9,
            double beta2 = 0.999,
            double eps = 1e-8,
            double weight_decay = 0,
            bool amsgrad = false,
            bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
        {
        }

        public AdamW(
            IEnumerable<ParamGroup> parameters,
            double lr = 1e-3,
            double beta1 = 0.9,
            double beta2 = 0.999,
            double eps = 1e-8,
            double weight_decay = 0,
            bool amsgrad = false,
            bool maximize = false)
        {
            if (amsgrad || maximize)
            {
                throw new NotSupportedException("The stand-in's AdamW neither maximises nor keeps the greatest second moment.");
            }

            Refuse(lr < 0, $"Invalid learning rate: {lr}");
            Refuse(eps < 0, $"Invalid ε: {eps}");
            Refuse(beta1 is < 0 or >= 1, $"Invalid beta1: {beta1}");
            Refuse(beta2 is < 0 or >= 1, $"Invalid beta2: {beta2}");
            Refuse(weight_decay < 0, $"Invalid weight_decay value: {weight_decay}");
            defaults = new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay };
            foreach (ParamGroup group in parameters)
            {
                add_param_group(group);
            }
        }

        public void add_param_group(Modules.ParamGroup param_group)
        {
            if (param_group.Options is not Options options)
            {
                param_group.Options = options = new Options();
            }

            options.LearningRate ??= defaults.LearningRate;
            options.InitialLearningRate = options.LearningRate!.Value;
            options.beta1 ??= defaults.beta1;
            options.beta2 ??= defaults.beta2;
            options.eps ??= defaults.eps;
            options.weight_decay ??= defaults.weight_decay;
            Groups.Add(param_group);
            foreach (Parameter parameter in param_group.Parameters)
            {
                States[parameter.Handle] = new State(parameter);
            }
        }

        public override Tensor? step(Func<Tensor>? closure = null)
        {
            Tensor? loss = null;
            if (closure is not null)
            {
                using IDisposable tracking = enable_grad();
                loss = closure();
            }

            using IDisposable quiet = no_grad();
            using DisposeScope scope = NewDisposeScope();
            foreach (Modules.ParamGroup group in Groups)
            {
                Step(group);
            }

            return loss;
        }

        protected override void Dispose(bool disposing)
        {
            foreach (State state in States.Values.Cast<State>())
            {
                state.Dispose();
            }

            base.Dispose(disposing);
        }

        private static void Refuse(bool wrong, string message)
        {
            if (wrong)
            {
                throw new ArgumentException(message);
            }
        }

        private void Step(Modules.ParamGroup group)
        {
            var options = (Options)group.Options;
            double beta1 = options.beta1!.Value, beta2 = options.beta2!.Value, rate = options.LearningRate!.Value;
            foreach (Parameter parameter in group.Parameters)
            {
                Tensor? grad = parameter.grad;
                if (grad is null)
                {
                    continue;
                }

                var state = (State)States[parameter.Handle];
                state.step++;
                parameter.mul_(1 - (rate * options.weight_decay!.Value));
                double correction1 = 1 - Math.Pow(beta1, state.step), correction2 = 1 - Math.Pow(beta2, state.step);
                state.exp_avg.mul_(beta1).add_(grad, alpha: 1 - beta1);
                state.exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value: 1 - beta2);
                Tensor denominator = (state.exp_avg_sq.sqrt() / Math.Sqrt(correction2)).add_(options.eps!.Value);
                parameter.addcdiv_(state.exp_avg, denominator, value: -(rate / correction1));
            }
        }

        /// <summary>What AdamW remembers about one parameter.</summary>
        public sealed class State : OptimizerState, IDisposable
        {
            public long step;
            public Tensor exp_avg;
            public Tensor exp_avg_sq;

            public State(Parameter parameter)
            {
                exp_avg = zeros_like(parameter).DetachFromDisposeScope();
                exp_avg_sq = zeros_like(parameter).DetachFromDisposeScope();
            }

            public void Dispose()
            {
                exp_avg.Dispose();
                exp_avg_sq.Dispose();
            }
        }

        public class Options : OptimizerOptions
        {
            public double? beta1;
            public double? beta2;
            public double? weight_decay;
            public double? eps;
        }

        public class ParamGroup : ParamGroup<Options>
        {
            public ParamGroup()
            {
            }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static AdamW AdamW(
                IEnumerable<Parameter> parameters,
                double lr = 1e-3,
                double beta1 = 0.9,
                double beta2 = 0.999,
                double eps = 1e-8,
                double weight_decay = 0,
                bool amsgrad = false,
                bool maximize = false) => new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
