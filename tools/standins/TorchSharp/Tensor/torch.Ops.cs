using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    public static void set_num_threads(int num) => Check(gs_set_threads(num));

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Op("cat", tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Op("cat", tensors.ToArray(), dim);

    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => input.roll(shifts, dims);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Op("stack", tensors.ToArray(), dim);
}
