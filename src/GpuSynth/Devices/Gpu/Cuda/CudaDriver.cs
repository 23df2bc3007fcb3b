using System.Runtime.InteropServices;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// The CUDA driver's functions that this engine calls, by their own names. Which context they work in is what the thread has
/// current: see <see cref="PrimaryContext.Enter"/>.
/// </summary>
internal static unsafe partial class CudaDriver
{
    /// <summary>Flag of a stream that does not wait for the default stream.</summary>
    public const uint StreamNonBlocking = 1;

    /// <summary>Flag of an event that takes no time.</summary>
    public const uint EventDisableTiming = 2;

    public const int AttributeThreadsOfMultiprocessor = 39;
    public const int AttributeCapabilityMajor = 75;
    public const int AttributeCapabilityMinor = 76;
    public const int FunctionLocalBytes = 3;
    public const int FunctionRegisters = 4;
    public const int PointerContext = 1;
    public const int PointerMemoryType = 2;
    public const int PointerDeviceOrdinal = 9;
    public const int MemoryTypeHost = 1;

    private const string Library = CudaLibrary.Name;
    private const int JitErrorLogBuffer = 5;
    private const int JitErrorLogBufferSize = 6;
    private const int JitLogBytes = 8192;

    [LibraryImport(Library, EntryPoint = "cuInit")]
    public static partial CudaError Init(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDriverGetVersion")]
    public static partial CudaError GetVersion(out int version);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetCount")]
    public static partial CudaError GetDeviceCount(out int count);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    public static partial CudaError GetDevice(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetAttribute")]
    public static partial CudaError GetDeviceAttribute(out int value, int attribute, int device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRetain")]
    public static partial CudaError RetainPrimaryContext(out nint context, int device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    public static partial CudaError ReleasePrimaryContext(int device);

    // Called before every launch; it looks at one word of the thread.
    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "cuCtxGetCurrent")]
    public static partial CudaError GetCurrentContext(out nint context);

    [LibraryImport(Library, EntryPoint = "cuCtxSetCurrent")]
    public static partial CudaError SetCurrentContext(nint context);

    [LibraryImport(Library, EntryPoint = "cuStreamCreate")]
    public static partial CudaError CreateStream(out nint stream, uint flags);

    [LibraryImport(Library, EntryPoint = "cuStreamWaitEvent")]
    public static partial CudaError StreamWaitEvent(nint stream, nint streamEvent, uint flags);

    [LibraryImport(Library, EntryPoint = "cuStreamSynchronize")]
    public static partial CudaError SynchroniseStream(nint stream);

    [LibraryImport(Library, EntryPoint = "cuStreamDestroy_v2")]
    public static partial CudaError DestroyStream(nint stream);

    [LibraryImport(Library, EntryPoint = "cuEventCreate")]
    public static partial CudaError CreateEvent(out nint streamEvent, uint flags);

    [LibraryImport(Library, EntryPoint = "cuEventRecord")]
    public static partial CudaError RecordEvent(nint streamEvent, nint stream);

    [LibraryImport(Library, EntryPoint = "cuEventElapsedTime")]
    public static partial CudaError ElapsedTime(out float milliseconds, nint start, nint end);

    [LibraryImport(Library, EntryPoint = "cuEventSynchronize")]
    public static partial CudaError SynchroniseEvent(nint streamEvent);

    [LibraryImport(Library, EntryPoint = "cuEventDestroy_v2")]
    public static partial CudaError DestroyEvent(nint streamEvent);

    [LibraryImport(Library, EntryPoint = "cuMemAlloc_v2")]
    public static partial CudaError Allocate(out nint address, nuint bytes);

    [LibraryImport(Library, EntryPoint = "cuMemFree_v2")]
    public static partial CudaError Free(nint address);

    [LibraryImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    public static partial CudaError GetMemoryInfo(out nuint free, out nuint total);

    [LibraryImport(Library, EntryPoint = "cuMemcpyHtoDAsync_v2")]
    public static partial CudaError CopyToDevice(nint target, void* source, nuint bytes, nint stream);

    [LibraryImport(Library, EntryPoint = "cuMemcpyDtoHAsync_v2")]
    public static partial CudaError CopyToHost(void* target, nint source, nuint bytes, nint stream);

    [LibraryImport(Library, EntryPoint = "cuPointerGetAttribute")]
    public static partial CudaError GetPointerAttribute(void* value, int attribute, nint address);

    [LibraryImport(Library, EntryPoint = "cuModuleUnload")]
    public static partial CudaError UnloadModule(nint module);

    [LibraryImport(Library, EntryPoint = "cuModuleGetFunction", StringMarshalling = StringMarshalling.Utf8)]
    public static partial CudaError GetFunction(out nint function, nint module, string name);

    [LibraryImport(Library, EntryPoint = "cuFuncGetAttribute")]
    public static partial CudaError GetFunctionAttribute(out int value, int attribute, nint function);

    [LibraryImport(Library, EntryPoint = "cuOccupancyMaxActiveBlocksPerMultiprocessor")]
    public static partial CudaError GetGroupsOfMultiprocessor(out int groups, nint function, int threads, nuint sharedBytes);

    [LibraryImport(Library, EntryPoint = "cuLaunchKernel")]
    public static partial CudaError Launch(
        nint function,
        uint gridX,
        uint gridY,
        uint gridZ,
        uint groupX,
        uint groupY,
        uint groupZ,
        uint sharedBytes,
        nint stream,
        void** parameters,
        void** extra);

    /// <summary>Compiles PTX for the current context's device.</summary>
    /// <param name="module">The module.</param>
    /// <param name="text">The PTX.</param>
    /// <param name="log">What the driver's compiler says of errors.</param>
    public static CudaError LoadModule(out nint module, string text, out string log)
    {
        int* options = stackalloc int[] { JitErrorLogBuffer, JitErrorLogBufferSize };
        byte* buffer = stackalloc byte[JitLogBytes];
        buffer[0] = 0;
        void** values = stackalloc void*[2];
        values[0] = buffer;
        values[1] = (void*)JitLogBytes;
        CudaError error = LoadModule(out module, text, 2, options, values);
        buffer[JitLogBytes - 1] = 0;
        log = Marshal.PtrToStringUTF8((nint)buffer)!.Trim();
        return error;
    }

    /// <summary>A device's name.</summary>
    public static string DeviceName(int device)
    {
        const int Bytes = 256;
        byte* name = stackalloc byte[Bytes];
        return GetDeviceName(name, Bytes, device) == CudaError.Success ? Marshal.PtrToStringUTF8((nint)name)! : "CUDA device";
    }

    /// <summary>A result's name and what it means: "CUDA_ERROR_OUT_OF_MEMORY, out of memory".</summary>
    public static string Describe(CudaError error)
    {
        string number = $"error {(int)error}";
        return GetErrorName(error, out nint name) == CudaError.Success && name != 0
            && GetErrorString(error, out nint text) == CudaError.Success && text != 0
            ? $"{Marshal.PtrToStringUTF8(name)}, {Marshal.PtrToStringUTF8(text)}"
            : number;
    }

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    private static partial CudaError GetDeviceName(byte* name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuModuleLoadDataEx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial CudaError LoadModule(out nint module, string text, uint count, int* options, void** values);

    [LibraryImport(Library, EntryPoint = "cuGetErrorName")]
    private static partial CudaError GetErrorName(CudaError error, out nint name);

    [LibraryImport(Library, EntryPoint = "cuGetErrorString")]
    private static partial CudaError GetErrorString(CudaError error, out nint text);
}
