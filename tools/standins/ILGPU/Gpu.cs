using System.Reflection;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

// What the project names of ILGPU's GPUs and of its compiler. There is neither behind this stand-in, and it says so.

namespace ILGPU
{
    internal static class NoGpu
    {
        public static NotSupportedException Because(string what) => new(
            $"{what}: this is ILGPU's stand-in, which has no compiler and no GPU; build with the package ILGPU.");
    }
}

namespace ILGPU.Runtime
{
    /// <summary>Something that failed on a device.</summary>
    public abstract class AcceleratorException : Exception
    {
        /// <summary>A failure.</summary>
        protected AcceleratorException()
        {
        }

        /// <summary>A failure.</summary>
        /// <param name="message">What happened.</param>
        protected AcceleratorException(string message)
            : base(message)
        {
        }

        /// <summary>A failure.</summary>
        /// <param name="message">What happened.</param>
        /// <param name="innerException">Why.</param>
        protected AcceleratorException(string message, Exception innerException)
            : base(message, innerException)
        {
        }

        /// <summary>The kind of device.</summary>
        public abstract AcceleratorType AcceleratorType { get; }
    }

    /// <summary>What a kernel is compiled for beside its device.</summary>
    public readonly struct KernelSpecialization
    {
        /// <summary>Nothing special.</summary>
        public static readonly KernelSpecialization Empty;
    }
}

namespace ILGPU.Runtime.Cuda
{
    /// <summary>An NVIDIA GPU. There is none.</summary>
    public sealed class CudaDevice : Device
    {
        private CudaDevice()
            : base(AcceleratorType.Cuda, string.Empty)
        {
        }

        /// <summary>The driver's number of the device.</summary>
        public int DeviceId { get; }

        /// <inheritdoc/>
        public override Accelerator CreateAccelerator(Context context) => throw NoGpu.Because("No CUDA device can be opened");
    }

    /// <summary>An order of launches on an NVIDIA GPU. There is none.</summary>
    public sealed class CudaStream : AcceleratorStream
    {
        internal CudaStream(Accelerator accelerator)
            : base(accelerator)
        {
        }

        /// <summary>The driver's handle.</summary>
        public nint StreamPtr { get; }

        /// <inheritdoc/>
        public override void Synchronize() => Accelerator.Synchronize();
    }

    /// <summary>Something that failed on an NVIDIA GPU.</summary>
    public sealed class CudaException : AcceleratorException
    {
        /// <summary>A failure.</summary>
        public CudaException()
        {
        }

        /// <summary>A failure.</summary>
        /// <param name="message">What happened.</param>
        public CudaException(string message)
            : base(message)
        {
        }

        /// <summary>A failure.</summary>
        /// <param name="message">What happened.</param>
        /// <param name="innerException">Why.</param>
        public CudaException(string message, Exception innerException)
            : base(message, innerException)
        {
        }

        /// <summary>The driver's name of it.</summary>
        public string Error { get; } = "N/A";

        /// <inheritdoc/>
        public override AcceleratorType AcceleratorType => AcceleratorType.Cuda;
    }

    /// <summary>Adds NVIDIA GPUs. There are none.</summary>
    public static class CudaContextExtensions
    {
        /// <summary>Adds every NVIDIA GPU: none.</summary>
        /// <param name="builder">The builder.</param>
        public static Context.Builder Cuda(this Context.Builder builder) => builder;
    }

    /// <summary>What a kernel is compiled for: an NVIDIA GPU's generation.</summary>
    public readonly struct CudaArchitecture
    {
        /// <summary>A generation.</summary>
        /// <param name="major">The number before the point.</param>
        /// <param name="minor">The number behind it.</param>
        public CudaArchitecture(int major, int minor)
        {
            Major = major;
            Minor = minor;
        }

        /// <summary>The number before the point.</summary>
        public int Major { get; }

        /// <summary>The number behind it.</summary>
        public int Minor { get; }
    }

    /// <summary>A version of PTX.</summary>
    public readonly struct CudaInstructionSet
    {
        /// <summary>PTX 7.0, which drivers of CUDA 11.0 and later know.</summary>
        public static readonly CudaInstructionSet ISA_70 = new(7, 0);

        /// <summary>A version.</summary>
        /// <param name="major">The number before the point.</param>
        /// <param name="minor">The number behind it.</param>
        public CudaInstructionSet(int major, int minor)
        {
            Major = major;
            Minor = minor;
        }

        /// <summary>The number before the point.</summary>
        public int Major { get; }

        /// <summary>The number behind it.</summary>
        public int Minor { get; }
    }

    /// <summary>NVIDIA's library of mathematics. It is not there.</summary>
    public sealed class NvvmAPI
    {
        private NvvmAPI()
        {
        }
    }
}

namespace ILGPU.Runtime.OpenCL
{
    /// <summary>Adds devices reached through OpenCL. There are none.</summary>
    public static class CLContextExtensions
    {
        /// <summary>Adds every device reached through OpenCL: none.</summary>
        /// <param name="builder">The builder.</param>
        public static Context.Builder OpenCL(this Context.Builder builder) => builder;
    }
}

namespace ILGPU.Backends.EntryPoints
{
    /// <summary>Which method is a kernel, and how its threads are grouped.</summary>
    public readonly struct EntryPointDescription
    {
        private EntryPointDescription(MethodInfo methodSource) => MethodSource = methodSource;

        /// <summary>The method.</summary>
        public MethodInfo MethodSource { get; }

        /// <summary>A kernel that is launched in groups.</summary>
        /// <param name="methodSource">The method.</param>
        public static EntryPointDescription FromExplicitlyGroupedKernel(MethodInfo methodSource) => new(methodSource);

        /// <summary>A kernel that is run at every index of an extent.</summary>
        /// <param name="methodSource">The method.</param>
        public static EntryPointDescription FromImplicitlyGroupedKernel(MethodInfo methodSource) => new(methodSource);
    }
}

namespace ILGPU.Backends
{
    /// <summary>A kernel in a device's language.</summary>
    public abstract class CompiledKernel
    {
        private protected CompiledKernel()
        {
        }

        /// <summary>The entry point's name.</summary>
        public string Name { get; } = string.Empty;
    }

    /// <summary>A compiler.</summary>
    public abstract class Backend : IDisposable
    {
        private protected Backend()
        {
        }

        /// <summary>Compiles a kernel.</summary>
        /// <param name="entry">The kernel.</param>
        /// <param name="specialization">What it is compiled for.</param>
        public CompiledKernel Compile(in EntryPointDescription entry, in KernelSpecialization specialization) =>
            throw NoGpu.Because("No kernel can be compiled");

        /// <inheritdoc/>
        public void Dispose() => GC.SuppressFinalize(this);
    }
}

namespace ILGPU.Backends.PTX
{
    /// <summary>A kernel in PTX.</summary>
    public sealed class PTXCompiledKernel : CompiledKernel
    {
        private PTXCompiledKernel()
        {
        }

        /// <summary>The text.</summary>
        public string PTXAssembly { get; } = string.Empty;
    }

    /// <summary>The compiler to PTX. There is none.</summary>
    public sealed class PTXBackend : Backend
    {
        /// <summary>A compiler.</summary>
        /// <param name="context">The context.</param>
        /// <param name="architecture">The GPUs compiled for.</param>
        /// <param name="instructionSet">The version of PTX.</param>
        /// <param name="nvvmAPI">NVIDIA's library of mathematics; null to do without.</param>
        public PTXBackend(
            Context context, CudaArchitecture architecture, CudaInstructionSet instructionSet, NvvmAPI nvvmAPI) =>
            throw NoGpu.Because("No kernel can be compiled to PTX");
    }
}

namespace ILGPU.Runtime.OpenCL
{
    /// <summary>Who made an OpenCL device.</summary>
    public enum CLDeviceVendor
    {
        /// <summary>AMD.</summary>
        AMD,

        /// <summary>Intel.</summary>
        Intel,

        /// <summary>NVIDIA.</summary>
        Nvidia,

        /// <summary>Another one.</summary>
        Other,
    }

    /// <summary>What an OpenCL device is able to do.</summary>
    public sealed class CLCapabilityContext
    {
        /// <summary>A device's abilities.</summary>
        /// <param name="float16">16-bit floats.</param>
        /// <param name="float64">64-bit floats.</param>
        /// <param name="genericAddressSpace">Addresses that name no memory.</param>
        /// <param name="int64_Atomics">Atomic operations on 64 bits.</param>
        /// <param name="subGroups">Warps.</param>
        public CLCapabilityContext(bool float16, bool float64, bool genericAddressSpace, bool int64_Atomics, bool subGroups)
        {
            _ = (float16, float64, genericAddressSpace, int64_Atomics, subGroups);
        }
    }
}

namespace ILGPU.Backends.OpenCL
{
    /// <summary>A version of OpenCL C.</summary>
    public readonly struct CLCVersion
    {
        /// <summary>OpenCL C 2.0.</summary>
        public static readonly CLCVersion CL20;
    }

    /// <summary>A kernel in OpenCL C.</summary>
    public sealed class CLCompiledKernel : CompiledKernel
    {
        private CLCompiledKernel()
        {
        }

        /// <summary>The text.</summary>
        public string Source { get; } = string.Empty;
    }

    /// <summary>The compiler to OpenCL C. There is none.</summary>
    public sealed class CLBackend : Backend
    {
        /// <summary>A compiler.</summary>
        /// <param name="context">The context.</param>
        /// <param name="capabilities">What the device is able to do.</param>
        /// <param name="vendor">Who made it.</param>
        /// <param name="clStdVersion">The version of the language.</param>
        public CLBackend(Context context, CLCapabilityContext capabilities, CLDeviceVendor vendor, CLCVersion clStdVersion) =>
            throw NoGpu.Because("No kernel can be compiled to OpenCL C");
    }
}
