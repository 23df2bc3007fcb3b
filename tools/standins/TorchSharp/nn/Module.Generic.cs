namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public interface IModule<T, TResult>
            {
                TResult call(T input1);
            }

            public abstract class Module<T, TResult> : Module, IModule<T, TResult>
            {
                protected Module(string name)
                    : base(name)
                {
                }

                public abstract TResult forward(T input);

                public TResult call(T input) => forward(input);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>A module with nothing to train and nothing to move.</summary>
    public abstract class ParameterLessModule<T1, TResult> : torch.nn.Module<T1, TResult>
    {
        protected ParameterLessModule(string name)
            : base(name)
        {
        }

        protected internal override torch.nn.Module _to(torch.Device device, torch.ScalarType dtype, bool non_blocking) => this;

        protected internal override torch.nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

        protected internal override torch.nn.Module _to(torch.ScalarType dtype, bool non_blocking) => this;
    }
}
