using ILGPU.Runtime.CPU;

namespace ILGPU.Runtime
{
    /// <summary>An open device: allocates memory and, through <see cref="KernelLoaders"/>, runs kernels.</summary>
    public abstract class Accelerator : IDisposable
    {
        private protected Accelerator(Context context, Device device)
        {
            ArgumentNullException.ThrowIfNull(context);
            Context = context;
            Device = device;
            DefaultStream = CreateStream();
        }

        /// <summary>The device of the thread. Simulated devices are nobody's.</summary>
        public static Accelerator? Current { get; }

        /// <summary>The context.</summary>
        public Context Context { get; }

        /// <summary>What is known of the device.</summary>
        public Device Device { get; }

        /// <summary>The stream of launches that name none.</summary>
        public AcceleratorStream DefaultStream { get; }

        /// <summary>The device's own handle of its context; 1 where it has none.</summary>
        public nint NativePtr { get; protected set; } = 1;

        /// <summary>The kind of device.</summary>
        public AcceleratorType AcceleratorType => Device.AcceleratorType;

        /// <summary>The device's name.</summary>
        public string Name => Device.Name;

        /// <summary>The device's memory in bytes.</summary>
        public long MemorySize => Device.MemorySize;

        /// <summary>The threads that run in step.</summary>
        public int WarpSize => Device.WarpSize;

        /// <summary>The most threads of one group.</summary>
        public int MaxNumThreadsPerGroup => Device.MaxNumThreadsPerGroup;

        /// <summary>The number of multiprocessors.</summary>
        public int NumMultiprocessors => Device.NumMultiprocessors;

        /// <summary>Whether the device was closed.</summary>
        public bool IsDisposed { get; private set; }

        /// <summary>Makes this the device of the thread. A simulated device needs no such thing.</summary>
        public void Bind()
        {
        }

        /// <summary>A stream of its own.</summary>
        public AcceleratorStream CreateStream() => new CPUStream(this);

        /// <summary>Waits for every launch. Launches are over when they return, so nothing is left to wait for.</summary>
        public void Synchronize() => ObjectDisposedException.ThrowIf(IsDisposed, this);

        /// <summary>Allocates a buffer; its contents are arbitrary.</summary>
        /// <typeparam name="T">The element type.</typeparam>
        /// <param name="length">The number of elements.</param>
        public MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(long length)
            where T : unmanaged
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            var memory = new ArrayView<T>(HostMemory.Of<T>(this, length), 0, length);
            return new(this, new ArrayView1D<T, Stride1D.Dense>(memory, length, default));
        }

        /// <summary>Allocates memory; its contents are arbitrary.</summary>
        /// <param name="length">The number of elements.</param>
        /// <param name="elementSize">The bytes of one.</param>
        public MemoryBuffer AllocateRaw(long length, int elementSize)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(elementSize);
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return new HostMemory(this, length, elementSize);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!IsDisposed)
            {
                IsDisposed = true;
                Close();
            }

            GC.SuppressFinalize(this);
        }

        internal abstract void RunEach<TIndex>(TIndex extent, Action<TIndex> kernel)
            where TIndex : struct, IIndex;

        internal abstract void RunGroups(KernelConfig config, Action kernel);

        private protected abstract void Close();
    }

    /// <summary>An order of launches.</summary>
    public abstract class AcceleratorStream : IDisposable
    {
        private protected AcceleratorStream(Accelerator accelerator) => Accelerator = accelerator;

        /// <summary>The device.</summary>
        public Accelerator Accelerator { get; }

        /// <summary>Waits for every launch of this stream.</summary>
        public abstract void Synchronize();

        /// <inheritdoc/>
        public void Dispose() => GC.SuppressFinalize(this);
    }
}

namespace ILGPU.Runtime.CPU
{
    using System.Runtime.CompilerServices;
    using System.Runtime.ExceptionServices;

    /// <summary>The order of launches of a CPU device: launches are over when they return.</summary>
    internal sealed class CPUStream(Accelerator accelerator) : AcceleratorStream(accelerator)
    {
        public override void Synchronize() => Accelerator.Synchronize();
    }

    /// <summary>Runs kernels on the process's threads.</summary>
    public sealed class CPUAccelerator : Accelerator
    {
        private const int RangesPerCore = 4;

        private readonly CarrierPool carriers = new();

        internal CPUAccelerator(Context context, CPUDevice device)
            : base(context, device)
        {
        }

        // Threads that never meet need no threads of their own: the extent is cut into ranges.
        internal override void RunEach<TIndex>(TIndex extent, Action<TIndex> kernel)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            long count = extent.Size;
            long ranges = Math.Min(count, (long)Environment.ProcessorCount * RangesPerCore);
            InParallel((int)ranges, range =>
            {
                long end = (long)((Int128)count * (range + 1) / ranges);
                for (long element = (long)((Int128)count * range / ranges); element < end; element++)
                {
                    kernel(IndexOf(element, extent));
                }
            });
        }

        internal override void RunGroups(KernelConfig config, Action kernel)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (!config.IsValid)
            {
                return;
            }

            int threads = config.GroupDim.Size;
            if (threads > MaxNumThreadsPerGroup)
            {
                throw new NotSupportedException(
                    $"A group of {threads} threads was launched on a device whose groups have at most {MaxNumThreadsPerGroup}.");
            }

            long groups = config.GridDim.LongSize;
            // Groups whose threads wait at barriers need a thread of the process for each: not many groups at a time.
            int workers = Math.Clamp(CPUDevice.Nvidia.MaxNumThreadsPerGroup / threads, 1, Environment.ProcessorCount);
            long next = -1;
            InParallel((int)Math.Min(workers, groups), _ =>
            {
                using var group = new ThreadGroup(config, kernel, carriers);
                for (long index = Interlocked.Increment(ref next); index < groups; index = Interlocked.Increment(ref next))
                {
                    group.Run(IndexOf(index, config.GridDim));
                }
            });
        }

        private protected override void Close() => carriers.Dispose();

        /// <summary>The n-th index of an extent whose X runs fastest.</summary>
        internal static TIndex IndexOf<TIndex>(long element, TIndex extent)
            where TIndex : struct, IIndex
        {
            if (typeof(TIndex) == typeof(Index1D))
            {
                return As(new Index1D((int)element));
            }

            if (typeof(TIndex) == typeof(Index2D))
            {
                int dimX = Unsafe.BitCast<TIndex, Index2D>(extent).X;
                return As(new Index2D((int)(element % dimX), (int)(element / dimX)));
            }

            if (typeof(TIndex) == typeof(Index3D))
            {
                Index3D dim = Unsafe.BitCast<TIndex, Index3D>(extent);
                long row = element / dim.X;
                return As(new Index3D((int)(element % dim.X), (int)(row % dim.Y), (int)(row / dim.Y)));
            }

            return typeof(TIndex) == typeof(LongIndex1D)
                ? As(new LongIndex1D(element))
                : throw new NotSupportedException($"Kernels over {typeof(TIndex).Name} are not supported.");

            static TIndex As<TKnown>(TKnown index)
                where TKnown : struct => Unsafe.BitCast<TKnown, TIndex>(index);
        }

        // A kernel's own exception comes out as it was thrown, not as one of many.
        private static void InParallel(int count, Action<int> body)
        {
            try
            {
                Parallel.For(0, count, body);
            }
            catch (AggregateException exception)
            {
                ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
            }
        }
    }
}
