namespace TorchSharp.Modules
{
    /// <summary>
    /// A tensor that modules register as theirs and optimisers change. It takes the handle of the tensor given.
    /// </summary>
    public class Parameter : torch.Tensor
    {
        public Parameter(torch.Tensor data, bool requires_grad = true)
            : base(data.with_requires_grad(requires_grad).MoveHandle(), false)
        {
            if (data.OwningDisposeScope is not null)
            {
                DisposeScope.ReplaceWith(data, this);
            }
        }
    }
}

namespace TorchSharp.Utils
{
    /// <summary>The name of a field among a module's parts, where it is not its own.</summary>
    public class ComponentNameAttribute : Attribute
    {
        public string? Name { get; set; }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
