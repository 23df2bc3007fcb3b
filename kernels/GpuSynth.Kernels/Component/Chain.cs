using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Pointwise components one after another, as one kernel of a device: a chain's type says which components, its fields say where in a
/// row their numbers stand. The type may be made at run time; no line is written for a combination. The host does not fuse: it runs one
/// component after another over a block that stays in its cache (<see cref="HostStep"/>).
/// </summary>
/// <typeparam name="TSelf">The chain itself.</typeparam>
public interface IChain<TSelf>
    where TSelf : struct, IChain<TSelf>
{
    /// <summary>The chain with the numbers of a sample.</summary>
    static abstract TSelf Load<F, U>(TSelf chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;

    /// <summary>What four voxels become.</summary>
    /// <param name="values">Their intensities before.</param>
    /// <param name="voxels">What else is known of them.</param>
    /// <param name="loaded">From <see cref="Load"/>.</param>
    static abstract Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in TSelf loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;
}

/// <summary>A chain of components that need nothing but their voxel: it can be run on one vector of voxels at a time.</summary>
/// <typeparam name="TSelf">The chain itself.</typeparam>
public interface IHostChain<TSelf> : IChain<TSelf>
    where TSelf : struct, IHostChain<TSelf>
{
    /// <summary>What a voxel becomes.</summary>
    /// <param name="value">Its intensity before.</param>
    /// <param name="voxel">What else is known of it.</param>
    /// <param name="loaded">From <see cref="IChain{TSelf}.Load"/>.</param>
    static abstract F One<F, U>(F value, in Voxel<F, U> voxel, in TSelf loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;
}

/// <summary>One component of a chain.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public readonly struct Link<TDrawn> : IHostChain<Link<TDrawn>>
    where TDrawn : unmanaged, IVoxelMath<TDrawn>
{
    private readonly int first;
    private readonly TDrawn drawn;

    /// <summary>A component whose numbers begin at a word of the row.</summary>
    public Link(int first)
    {
        this.first = first;
        drawn = default;
    }

    private Link(int first, TDrawn drawn)
    {
        this.first = first;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    public static Link<TDrawn> Load<F, U>(Link<TDrawn> chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => new(chain.first, F.Drawn<TDrawn>(in row, chain.first));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in Link<TDrawn> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => LinkMath.Each(values, in voxels, in loaded.drawn);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F One<F, U>(F value, in Voxel<F, U> voxel, in Link<TDrawn> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => TDrawn.At(value, in voxel, in loaded.drawn);
}

/// <summary>One component of a chain that needs the range of what came before it.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public readonly struct RangeLink<TDrawn> : IHostChain<RangeLink<TDrawn>>
    where TDrawn : unmanaged, IRangeMath<TDrawn>
{
    private readonly int first;
    private readonly int slot;
    private readonly TDrawn drawn;

    /// <summary>A component whose numbers begin at a word of the row.</summary>
    /// <param name="first">That word.</param>
    /// <param name="slot">Which measured number is the minimum; the maximum is the next.</param>
    public RangeLink(int first, int slot)
    {
        this.first = first;
        this.slot = slot;
        drawn = default;
    }

    private RangeLink(RangeLink<TDrawn> place, TDrawn drawn)
    {
        first = place.first;
        slot = place.slot;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    public static RangeLink<TDrawn> Load<F, U>(RangeLink<TDrawn> chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => new(
            chain,
            TDrawn.WithRange(
                F.Drawn<TDrawn>(in row, chain.first), F.Measured(in row, chain.slot), F.Measured(in row, chain.slot + 1)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in RangeLink<TDrawn> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => LinkMath.Each(values, in voxels, in loaded.drawn);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F One<F, U>(F value, in Voxel<F, U> voxel, in RangeLink<TDrawn> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => TDrawn.At(value, in voxel, in loaded.drawn);
}

/// <summary>One component of a chain that draws random numbers for every voxel.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public readonly struct RandomLink<TDrawn> : IChain<RandomLink<TDrawn>>
    where TDrawn : unmanaged, IRandomMath<TDrawn>
{
    private readonly int first;
    private readonly int slot;
    private readonly uint stream;
    private readonly RandomPlace place;
    private readonly TDrawn drawn;

    /// <summary>A component whose numbers begin at a word of the row.</summary>
    /// <param name="first">That word.</param>
    /// <param name="slot">Which measured number is the minimum; the maximum is the next.</param>
    /// <param name="stream">The stream of its voxels, its occurrence in the recipe in bits 16 to 23.</param>
    public RandomLink(int first, int slot, uint stream)
    {
        this.first = first;
        this.slot = slot;
        this.stream = stream;
        place = default;
        drawn = default;
    }

    private RandomLink(RandomLink<TDrawn> link, RandomPlace place, TDrawn drawn)
    {
        first = link.first;
        slot = link.slot;
        stream = link.stream;
        this.place = place;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    public static RandomLink<TDrawn> Load<F, U>(RandomLink<TDrawn> chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => new(
            chain,
            row.Place<F, U>(chain.stream),
            TDrawn.WithRange(
                F.Drawn<TDrawn>(in row, chain.first), F.Measured(in row, chain.slot), F.Measured(in row, chain.slot + 1)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in RandomLink<TDrawn> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => TDrawn.At(values, in voxels, in loaded.place, in loaded.drawn);
}

/// <summary>One chain after another.</summary>
/// <typeparam name="TFirst">What comes first.</typeparam>
/// <typeparam name="TNext">What comes after it.</typeparam>
/// <param name="first">What comes first.</param>
/// <param name="next">What comes after it.</param>
public readonly struct Then<TFirst, TNext>(TFirst first, TNext next) : IChain<Then<TFirst, TNext>>
    where TFirst : struct, IChain<TFirst>
    where TNext : struct, IChain<TNext>
{
    private readonly TFirst first = first;
    private readonly TNext next = next;

    /// <inheritdoc/>
    public static Then<TFirst, TNext> Load<F, U>(Then<TFirst, TNext> chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> =>
        new(TFirst.Load<F, U>(chain.first, in row), TNext.Load<F, U>(chain.next, in row));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in Then<TFirst, TNext> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> =>
        TNext.At(TFirst.At(values, in voxels, in loaded.first), in voxels, in loaded.next);
}

/// <summary>Chains whose types are known at run time only.</summary>
public static class Chain
{
    /// <summary>One chain after another.</summary>
    /// <param name="first">What comes first, an <see cref="IChain{TSelf}"/>.</param>
    /// <param name="next">What comes after it.</param>
    public static ValueType Then(ValueType first, ValueType next)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(next);
        Type type = typeof(Then<,>).MakeGenericType(first.GetType(), next.GetType());
        return (ValueType)Activator.CreateInstance(type, first, next)!;
    }

    /// <summary>Links one after another; null of none.</summary>
    /// <param name="links">Each an <see cref="IChain{TSelf}"/>.</param>
    public static ValueType? Of(IEnumerable<ValueType> links) =>
        links.Aggregate((ValueType?)null, static (before, link) => before is null ? link : Then(before, link));

    /// <summary>What runs a chain on a device, of the chain's type.</summary>
    /// <param name="pass">Its generic type, over the chain's.</param>
    /// <param name="chain">The chain; null where nothing is done but what the pass is for.</param>
    /// <param name="arguments">What its constructor takes behind the chain.</param>
    internal static object PassOf(Type pass, ValueType? chain, params object[] arguments)
    {
        ValueType links = chain ?? default(EmptyChain);
        return Activator.CreateInstance(pass.MakeGenericType(links.GetType()), [links, .. arguments])!;
    }
}

/// <summary>The mathematics of one component on four voxels.</summary>
internal static class LinkMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> Each<F, U, TDrawn>(Four<F> values, in Voxels<F, U> voxels, in TDrawn drawn)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
        where TDrawn : unmanaged, IVoxelMath<TDrawn> => new(
            TDrawn.At(values.A, new Voxel<F, U>(voxels.Labels.A, in voxels.Row), in drawn),
            TDrawn.At(values.B, new Voxel<F, U>(voxels.Labels.B, in voxels.Row), in drawn),
            TDrawn.At(values.C, new Voxel<F, U>(voxels.Labels.C, in voxels.Row), in drawn),
            TDrawn.At(values.D, new Voxel<F, U>(voxels.Labels.D, in voxels.Row), in drawn));
}

/// <summary>A chain of no component.</summary>
public readonly struct EmptyChain : IHostChain<EmptyChain>
{
    /// <summary>Not used: a kernel's arguments are never empty.</summary>
    public readonly int Unused = 0;

    /// <summary>A chain of no component.</summary>
    public EmptyChain()
    {
    }

    /// <inheritdoc/>
    public static EmptyChain Load<F, U>(EmptyChain chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => chain;

    /// <inheritdoc/>
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in EmptyChain loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => values;

    /// <inheritdoc/>
    public static F One<F, U>(F value, in Voxel<F, U> voxel, in EmptyChain loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => value;
}
