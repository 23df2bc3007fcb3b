using System.Collections.Immutable;

namespace ILGPU.Runtime
{
    /// <summary>The kinds of devices.</summary>
    public enum AcceleratorType
    {
        /// <summary>A simulated device on the CPU.</summary>
        CPU,

        /// <summary>An NVIDIA GPU.</summary>
        Cuda,

        /// <summary>A device reached through OpenCL.</summary>
        OpenCL,
    }

    /// <summary>What is known of a device before it is opened.</summary>
    public abstract class Device
    {
        private protected Device(AcceleratorType acceleratorType, string name)
        {
            AcceleratorType = acceleratorType;
            Name = name;
        }

        /// <summary>The kind of device.</summary>
        public AcceleratorType AcceleratorType { get; }

        /// <summary>The device's name.</summary>
        public string Name { get; protected set; }

        /// <summary>The device's memory in bytes.</summary>
        public long MemorySize { get; protected set; } = long.MaxValue;

        /// <summary>The threads that run in step.</summary>
        public int WarpSize { get; protected set; }

        /// <summary>The most threads of one group.</summary>
        public int MaxNumThreadsPerGroup { get; protected set; }

        /// <summary>The most bytes of shared memory of one group.</summary>
        public int MaxSharedMemoryPerGroup { get; protected set; } = int.MaxValue;

        /// <summary>The number of multiprocessors.</summary>
        public int NumMultiprocessors { get; protected set; } = 1;

        /// <summary>Opens the device.</summary>
        /// <param name="context">The context it belongs to.</param>
        public abstract Accelerator CreateAccelerator(Context context);
    }
}

namespace ILGPU.Runtime.CPU
{
    /// <summary>Which device a CPU device has the sizes of.</summary>
    public enum CPUDeviceKind
    {
        /// <summary>Small: groups of at most 16 threads.</summary>
        Default,

        /// <summary>Groups of at most 1024 threads.</summary>
        Nvidia,
    }

    /// <summary>A device simulated on the CPU.</summary>
    public sealed class CPUDevice : Device
    {
        /// <summary>A small device: warps of 4 threads, groups of at most 16.</summary>
        public static readonly CPUDevice Default = new(4, 4, 1);

        /// <summary>A device with an NVIDIA GPU's sizes: warps of 32 threads, groups of at most 1024.</summary>
        public static readonly CPUDevice Nvidia = new(32, 32, 1);

        /// <summary>The simulated devices.</summary>
        public static readonly ImmutableArray<CPUDevice> All = [Default, Nvidia];

        /// <summary>A device of any sizes.</summary>
        /// <param name="numThreadsPerWarp">The threads of a warp.</param>
        /// <param name="numWarpsPerMultiprocessor">The warps of a multiprocessor, which bound the threads of a group.</param>
        /// <param name="numMultiprocessors">The multiprocessors.</param>
        public CPUDevice(int numThreadsPerWarp, int numWarpsPerMultiprocessor, int numMultiprocessors)
            : base(AcceleratorType.CPU, "CPUAccelerator")
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(numThreadsPerWarp, 2);
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numWarpsPerMultiprocessor);
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numMultiprocessors);
            WarpSize = numThreadsPerWarp;
            MaxNumThreadsPerGroup = numThreadsPerWarp * numWarpsPerMultiprocessor;
            NumMultiprocessors = numMultiprocessors;
        }

        /// <inheritdoc/>
        public override Accelerator CreateAccelerator(Context context) => CreateCPUAccelerator(context);

        /// <summary>Opens the device.</summary>
        /// <param name="context">The context it belongs to.</param>
        public CPUAccelerator CreateCPUAccelerator(Context context) => new(context, this);
    }

    /// <summary>Chooses and opens CPU devices.</summary>
    public static class CPUContextExtensions
    {
        /// <summary>Adds every simulated device.</summary>
        /// <param name="builder">The builder.</param>
        public static Context.Builder CPU(this Context.Builder builder) => builder.Add([.. CPUDevice.All]);

        /// <summary>Adds a device by its kind.</summary>
        /// <param name="builder">The builder.</param>
        /// <param name="kind">The kind.</param>
        public static Context.Builder CPU(this Context.Builder builder, CPUDeviceKind kind) =>
            builder.Add(CPUDevice.All[(int)kind]);

        /// <summary>Adds a device.</summary>
        /// <param name="builder">The builder.</param>
        /// <param name="device">The device.</param>
        public static Context.Builder CPU(this Context.Builder builder, CPUDevice device) => builder.Add(device);

        /// <summary>Adds <see cref="CPUDevice.Default"/>.</summary>
        /// <param name="builder">The builder.</param>
        public static Context.Builder DefaultCPU(this Context.Builder builder) => builder.Add(CPUDevice.Default);

        /// <summary>Opens a CPU device.</summary>
        /// <param name="context">The context.</param>
        /// <param name="cpuDeviceIndex">Which of the context's CPU devices.</param>
        public static CPUAccelerator CreateCPUAccelerator(this Context context, int cpuDeviceIndex)
        {
            ArgumentNullException.ThrowIfNull(context);
            CPUDevice[] devices = [.. context.Devices.OfType<CPUDevice>()];
            ArgumentOutOfRangeException.ThrowIfNegative(cpuDeviceIndex);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpuDeviceIndex, devices.Length);
            return devices[cpuDeviceIndex].CreateCPUAccelerator(context);
        }

        private static Context.Builder Add(this Context.Builder builder, params Device[] devices)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Registry.AddRange(devices);
            return builder;
        }
    }
}
