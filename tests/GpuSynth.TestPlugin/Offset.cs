using System.Runtime.CompilerServices;
using GpuSynth.Kernels;

namespace GpuSynth.TestPlugin;

/// <summary>I + c: a component of an assembly that is not the engine's.</summary>
/// <param name="Amount">c, drawn once.</param>
[Component("offset", 1 << 15, Source = "a test", Says = "Adds a number.")]
public sealed record Offset(
    [property: Allowed(-1, 1, Says = "What is added, drawn once.")] [property: Absent(0.5)] Law Amount)
    : VoxelComponent<Offset.Drawn>
{
    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new() { Amount = drawing.Number(Amount, 0) };

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>c.</summary>
        [Recorded("offset")]
        public float Amount;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> => value + F.Of(drawn.Amount);
    }
}
