using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new AutoGradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new AutoGradMode(mode);

    public static bool is_grad_enabled() => AutoGradMode.IsEnabled;

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

        public void retain_grad() => Check(gs_retain_grad(Handle));

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
        public static IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false)
        {
            nint[] outs = Handles(outputs), ins = Handles(inputs);
            nint[]? grads = grad_outputs is null ? null : Handles(grad_outputs);
            var found = new Tensor[ins.Length];
            fixed (nint* o = outs, i = ins, g = grads)
            {
                nint* handles = gs_gradients(
                    o, g, outs.Length, i, ins.Length, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0);
                Check((nint)handles);
                for (int k = 0; k < found.Length; k++)
                {
                    found[k] = new Tensor(handles[k]);
                }

                gs_free_list((nint)handles);
            }

            GC.KeepAlive((outputs, inputs, grad_outputs));
            return found;
        }

        public static void backward(
            IList<Tensor> tensors,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            if (inputs is not null)
            {
                throw new NotSupportedException("The stand-in accumulates into every leaf; use autograd.grad for chosen inputs.");
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

        public static void backward(
            Tensor tensor,
            Tensor grad_tensor,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

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
