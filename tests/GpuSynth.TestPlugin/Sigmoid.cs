using System.Runtime.CompilerServices;
using GpuSynth.Kernels;

namespace GpuSynth.TestPlugin;

/// <summary>
/// 1 / (1 + exp(-g (I - c))): a soft threshold at c, the steeper the larger g. Source: the logistic function.
/// </summary>
/// <param name="Centre">c, drawn once per sample.</param>
/// <param name="Gain">g, drawn once per sample.</param>
[Component(
    "sigmoid",
    (1 << 15) + 1,
    Source = "the logistic function",
    Says = "A soft threshold: dark below the centre, bright above it.")]
public sealed record Sigmoid(
    [property: Allowed(0, 1, Says = "Where an intensity becomes 1/2, drawn once.")] Law Centre,
    [property: Allowed(0.1, 100, Says = "How steep it is there, drawn once.")] Law Gain)
    : VoxelComponent<Sigmoid.Drawn>
{
    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Centre = drawing.Number(Centre, 0),
        Gain = drawing.Number(Gain, 1),
    };

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>c.</summary>
        [Recorded("sigmoidCentre")]
        public float Centre;

        /// <summary>g.</summary>
        [Recorded("sigmoidGain")]
        public float Gain;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F fall = F.Exp((F.Of(drawn.Centre) - value) * F.Of(drawn.Gain));
            return F.Of(1f) / (F.Of(1f) + fall);
        }
    }
}
