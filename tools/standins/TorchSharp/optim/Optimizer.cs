using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }
            }

            public abstract partial class Optimizer : IDisposable
            {
                internal Optimizer()
                {
                }

                internal List<ParamGroup> Groups { get; } = [];

                public virtual IEnumerable<ILearningRateController> ParamGroups => Groups;

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                public abstract Tensor? step(Func<Tensor>? closure = null);

                /// <summary>As TorchSharp does it: the gradients stay and become zeros.</summary>
                public virtual void zero_grad()
                {
                    foreach (Parameter parameter in parameters())
                    {
                        using Tensor? grad = parameter.grad;
                        grad?.zero_();
                    }
                }

                public virtual IEnumerable<Parameter> parameters() => Groups.SelectMany(group => group.Parameters);

                protected virtual void Dispose(bool disposing)
                {
                }

                public class StateDictionary
                {
                    internal StateDictionary()
                    {
                    }

                    public List<OptimizerOptions> Options { get; } = [];

                    public List<OptimizerState> State { get; } = [];
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public abstract class OptimizerHelper : optim.Optimizer
    {
        internal OptimizerHelper()
        {
        }

        internal Dictionary<nint, OptimizerState> States { get; } = [];

        /// <summary>
        /// The states in the order of the parameters. They are the optimiser's own: what is written there counts.
        /// </summary>
        public virtual StateDictionary state_dict()
        {
            var dictionary = new StateDictionary();
            foreach (ParamGroup group in Groups)
            {
                dictionary.Options.Add(group.Options);
                dictionary.State.AddRange(group.Parameters.Select(parameter => States[parameter.Handle]));
            }

            return dictionary;
        }
    }

    public class OptimizerOptions
    {
        public double? LearningRate { get; set; }

        public double InitialLearningRate { get; set; }
    }

    public abstract class OptimizerState
    {
        internal OptimizerState()
        {
        }
    }

    public class ParamGroup : optim.ILearningRateController
    {
        public IEnumerable<Parameter> Parameters { get; set; } = [];

        public OptimizerOptions Options { get; set; } = new();

        public double LearningRate
        {
            get => Options.LearningRate!.Value;
            set => Options.LearningRate = value;
        }
    }

    public class ParamGroup<TOptions> : ParamGroup
        where TOptions : OptimizerOptions, new()
    {
        public ParamGroup() => base.Options = new TOptions();
    }
}
