using static TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static partial class random
    {
        public static Generator manual_seed(long seed)
        {
            Check(gs_manual_seed(seed));
            return Generator.Default;
        }

        public static Tensor get_rng_state() => Generator.Default.get_state();

        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }

    /// <summary>The source of random numbers of the CPU: the stand-in knows no other one.</summary>
    public class Generator : IDisposable
    {
        private Generator()
        {
        }

        public static Generator Default { get; } = new();

        public Tensor get_state() => new(Check(gs_random_state((int)DeviceType.CPU, -1)));

        public void set_state(Tensor value) => Check(gs_set_random_state((int)DeviceType.CPU, -1, value.Handle));

        public void Dispose()
        {
            GC.SuppressFinalize(this);
        }
    }
}
