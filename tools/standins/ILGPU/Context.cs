using System.Collections.Immutable;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace ILGPU;

/// <summary>How much work a compiler puts into kernels. Here the .NET compiler decides.</summary>
public enum OptimizationLevel
{
    /// <summary>What is needed to run.</summary>
    O0,

    /// <summary>The ordinary transformations.</summary>
    O1,

    /// <summary>All transformations.</summary>
    O2,
}

/// <summary>How exact device mathematics is. Here it is always the process's own.</summary>
public enum MathMode
{
    /// <summary>As exact as the device's own functions.</summary>
    Default,

    /// <summary>Faster and less exact.</summary>
    Fast,
}

/// <summary>What may be chosen about a context.</summary>
public class ContextProperties
{
    private protected ContextProperties()
    {
    }

    /// <summary>How much work a compiler puts into kernels.</summary>
    public OptimizationLevel OptimizationLevel { get; protected set; } = OptimizationLevel.O1;

    /// <summary>How exact device mathematics is.</summary>
    public MathMode MathMode { get; protected set; }
}

/// <summary>The devices of a process, and what was chosen about them. There is no GPU behind this one.</summary>
public sealed class Context : IDisposable
{
    private Context(Builder builder)
    {
        Devices = [.. builder.Registry];
        Properties = builder;
    }

    /// <summary>The devices asked for: simulated ones on the CPU, never a GPU.</summary>
    public ImmutableArray<Device> Devices { get; }

    /// <summary>What was chosen.</summary>
    public ContextProperties Properties { get; }

    /// <summary>A context as a callback chooses it.</summary>
    /// <param name="buildingCallback">Chooses devices and properties.</param>
    public static Context Create(Action<Builder> buildingCallback)
    {
        ArgumentNullException.ThrowIfNull(buildingCallback);
        var builder = new Builder();
        buildingCallback(builder);
        return builder.ToContext();
    }

    /// <summary>A context with every device there is.</summary>
    public static Context CreateDefault() => Create(builder => builder.Default());

    /// <summary>The device that fits best; without a GPU it is the CPU.</summary>
    /// <param name="preferCPU">Whether the CPU is preferred.</param>
    public Device GetPreferredDevice(bool preferCPU) =>
        Devices.IsEmpty
            ? throw new NotSupportedException("No device was registered: call Default() or CPU() on the builder.")
            : Devices[0];

    /// <summary>Runs over <see cref="Devices"/>.</summary>
    public ImmutableArray<Device>.Enumerator GetEnumerator() => Devices.GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Chooses devices and properties.</summary>
    public sealed class Builder : ContextProperties
    {
        internal Builder()
        {
        }

        internal List<Device> Registry { get; } = [];

        /// <summary>Every device there is: here the default CPU device.</summary>
        public Builder Default() => this.DefaultCPU();

        /// <summary>Chooses how much work a compiler puts into kernels.</summary>
        /// <param name="level">The level.</param>
        public Builder Optimize(OptimizationLevel level)
        {
            OptimizationLevel = level;
            return this;
        }

        /// <summary>Chooses how exact device mathematics is.</summary>
        /// <param name="mathMode">The mode.</param>
        public Builder Math(MathMode mathMode)
        {
            MathMode = mathMode;
            return this;
        }

        /// <summary>The context as chosen.</summary>
        public Context ToContext() => new(this);
    }
}

/// <summary>Switches on the mathematics that devices have no instruction for.</summary>
public static class AlgorithmContext
{
    /// <summary>Switches it on. Here it always is.</summary>
    /// <param name="builder">The builder.</param>
    public static Context.Builder EnableAlgorithms(this Context.Builder builder) => builder;
}
