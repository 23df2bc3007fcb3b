using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>A launch that was timed.</summary>
/// <param name="Kernel">The kernel's type.</param>
/// <param name="Group">Threads of a group.</param>
/// <param name="Milliseconds">By the device's clock, or by the host's where it has none.</param>
internal readonly record struct TimedLaunch(Type Kernel, int Group, double Milliseconds);

/// <summary>
/// Another backend whose launches are timed, one by one, while somebody asks for it. So every kernel that a batch launches is found
/// and measured, and none needs a line of its own.
/// </summary>
internal sealed class TimedBackend : GpuBackend
{
    private readonly GpuBackend inner;
    private readonly List<(Type Kernel, int Group, long Before, long After)> launches = [];

    public TimedBackend(GpuBackend inner)
    {
        this.inner = inner;
        Kernels = new Loader(this);
    }

    /// <summary>Whether launches are timed.</summary>
    public bool IsTiming { get; set; }

    /// <inheritdoc/>
    public override KernelLoader Kernels { get; }

    /// <inheritdoc/>
    public override bool SharesHostMemory => inner.SharesHostMemory;

    /// <inheritdoc/>
    public override long FreeBytes => inner.FreeBytes;

    /// <inheritdoc/>
    public override IStreamEvents? Events => inner.Events;

    /// <summary>The launches since the last call, in order, and their milliseconds; they are over afterwards.</summary>
    public IReadOnlyList<TimedLaunch> TakeLaunches()
    {
        inner.Synchronise();
        TimedLaunch[] taken =
        [
            .. launches.Select(launch => new TimedLaunch(
                launch.Kernel, launch.Group, inner.MillisecondsBetween(launch.Before, launch.After))),
        ];
        launches.Clear();
        return taken;
    }

    /// <inheritdoc/>
    public override void Bind() => inner.Bind();

    /// <inheritdoc/>
    public override void Plan(long bytes) => inner.Plan(bytes);

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long length, int elementSize) => inner.Allocate(length, elementSize);

    /// <inheritdoc/>
    public override MemoryBuffer Borrow(nint address, long length, int elementSize) => inner.Borrow(address, length, elementSize);

    /// <inheritdoc/>
    public override void Upload<T>(ReadOnlySpan<T> values, ArrayView<T> target) => inner.Upload(values, target);

    /// <inheritdoc/>
    public override void Download<T>(ArrayView<T> source, Span<T> values) => inner.Download(source, values);

    /// <inheritdoc/>
    public override void Synchronise() => inner.Synchronise();

    /// <inheritdoc/>
    public override KernelResources? ResourcesOf(Type kernel, int group) => inner.ResourcesOf(kernel, group);

    /// <inheritdoc/>
    public override void Dispose() => inner.Dispose();

    private sealed class Loader(TimedBackend backend) : KernelLoader
    {
        public override Action<KernelConfig, TKernel> Load<TKernel>()
        {
            Action<KernelConfig, TKernel> launch = backend.inner.Kernels.Load<TKernel>();
            return (config, kernel) =>
            {
                if (!backend.IsTiming)
                {
                    launch(config, kernel);
                    return;
                }

                long before = backend.inner.Mark();
                launch(config, kernel);
                backend.launches.Add((typeof(TKernel), (int)config.GroupDim.Size, before, backend.inner.Mark()));
            };
        }
    }
}
