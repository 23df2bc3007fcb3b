using System.Reflection;
using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// One entry of a recipe: an immutable record of laws and constants, found by its <see cref="ComponentAttribute"/>. Its law, its draw, its
/// mathematics and its keys stand in one place, and nothing else names it.
/// </summary>
public abstract record Component
{
    /// <summary>What it is called in a recipe.</summary>
    public string Name => Declaration.Name;

    /// <summary>Its declaration.</summary>
    /// <exception cref="InvalidOperationException">The record has no <see cref="ComponentAttribute"/>.</exception>
    public ComponentAttribute Declaration => GetType().GetCustomAttribute<ComponentAttribute>()
        ?? throw new InvalidOperationException(
            $"{GetType().Name} is a component without a declaration; give it [Component(name, stream)].");

    /// <summary>Words of its drawn struct.</summary>
    internal abstract int DrawnWords { get; }

    /// <summary>Words of the lists that it draws for a sample; they follow the structs in the row.</summary>
    /// <param name="facts">What is known of every sample.</param>
    public virtual int ListWords(in SampleFacts facts) => 0;

    /// <summary>Draws its numbers for one sample and puts them into the row.</summary>
    /// <param name="drawing">Where the numbers are drawn, and where lists go.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="first">The first word of its drawn struct.</param>
    internal abstract void DrawInto(ref Drawing drawing, Span<uint> row, int first);
}

/// <summary>A component that draws a struct.</summary>
/// <typeparam name="TDrawn">
/// What is drawn: a struct of 32-bit numbers, which is the sample's ground truth and what a device reads.
/// </typeparam>
public abstract record Component<TDrawn> : Component
    where TDrawn : unmanaged
{
    /// <inheritdoc/>
    internal sealed override int DrawnWords => Unsafe.SizeOf<TDrawn>() / sizeof(uint);

    /// <summary>Draws the numbers of one sample: the only place where any is picked.</summary>
    /// <param name="drawing">Where the numbers are drawn, and where lists go.</param>
    public abstract TDrawn Draw(ref Drawing drawing);

    /// <inheritdoc/>
    internal sealed override void DrawInto(ref Drawing drawing, Span<uint> row, int first)
    {
        TDrawn drawn = Draw(ref drawing);
        Unsafe.WriteUnaligned(ref Unsafe.As<uint, byte>(ref row[first]), drawn);
    }
}
