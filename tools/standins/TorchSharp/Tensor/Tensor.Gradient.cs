using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new AutoGradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);

    public partial class Tensor
    {
        public bool requires_grad
        {
            get => (Fact(7) & 1) != 0;
            set => Check(gs_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor? grad
        {
            get
            {
                nint found = gs_grad(Handle);
                return found == 0 ? null : new Tensor(found);
            }

            set => Check(gs_set_grad(Handle, value is null ? 0 : value.Handle));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void backward() => autograd.backward(this);

        public void backward(
            IList<Tensor>? grad_tensors = null,
            bool retain_graph = false,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }

    public static unsafe partial class autograd
    {
        public static void backward(
            IList<Tensor> tensors,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            if (inputs is not null)
            {
                throw new NotSupportedException("The stand-in accumulates into every leaf, not into chosen inputs.");
            }

            nint[] handles = Handles(tensors);
            nint[]? grads = grad_tensors is null ? null : Handles(grad_tensors);
            fixed (nint* t = handles, g = grads)
            {
                Check(gs_backward(t, g, handles.Length, (retain_graph ?? create_graph) ? 1 : 0, create_graph ? 1 : 0));
            }

            GC.KeepAlive((tensors, grad_tensors));
        }

        public static void backward(
            Tensor tensor,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) => backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        private static nint[] Handles(IList<Tensor> tensors) => [.. tensors.Select(tensor => tensor.Handle)];
    }
}

internal sealed class AutoGradMode : IDisposable
{
    private readonly bool before = IsEnabled;

    public AutoGradMode(bool enabled) => gs_set(enabled);

    public static bool IsEnabled => Native.gs_grad_enabled() != 0;

    public void Dispose() => gs_set(before);

    private static void gs_set(bool enabled) => Native.gs_set_grad_enabled(enabled ? 1 : 0);
}
