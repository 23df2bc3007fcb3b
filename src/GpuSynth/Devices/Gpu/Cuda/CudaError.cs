namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>Results of the CUDA driver that this project tells apart; others have their number only.</summary>
internal enum CudaError
{
    Success = 0,
    InvalidValue = 1,
    OutOfMemory = 2,
    NotInitialized = 3,
    Deinitialized = 4,
    DeviceUnavailable = 46,
    NoDevice = 100,
    InvalidDevice = 101,
    InvalidContext = 201,
    NoBinaryForGpu = 209,
    EccUncorrectable = 214,
    InvalidPtx = 218,
    NvlinkUncorrectable = 220,
    JitCompilerNotFound = 221,
    UnsupportedPtxVersion = 222,
    JitCompilationDisabled = 223,
    Contained = 226,
    InvalidHandle = 400,
    IllegalAddress = 700,
    LaunchOutOfResources = 701,
    LaunchTimeout = 702,
    ContextIsDestroyed = 709,
    Assert = 710,
    HardwareStackError = 714,
    IllegalInstruction = 715,
    MisalignedAddress = 716,
    InvalidAddressSpace = 717,
    InvalidPc = 718,
    LaunchFailed = 719,
    SystemDriverMismatch = 803,
    CompatNotSupportedOnDevice = 804,
    Unknown = 999,
}

/// <summary>What a result means for the run.</summary>
internal static class CudaErrors
{
    /// <summary>Whether every further call will fail too.</summary>
    public static bool IsLost(this CudaError error) => error is CudaError.Deinitialized or CudaError.DeviceUnavailable
        or CudaError.EccUncorrectable or CudaError.NvlinkUncorrectable or CudaError.Contained or CudaError.IllegalAddress
        or CudaError.LaunchTimeout or CudaError.ContextIsDestroyed or CudaError.Assert or CudaError.HardwareStackError
        or CudaError.IllegalInstruction or CudaError.MisalignedAddress or CudaError.InvalidAddressSpace or CudaError.InvalidPc
        or CudaError.LaunchFailed or CudaError.Unknown;

    /// <summary>Whether a handle or an address of another context was met.</summary>
    public static bool IsOfAnotherContext(this CudaError error) => error is CudaError.InvalidContext or CudaError.InvalidHandle;

    /// <summary>Whether a kernel does not compile, or not for this device.</summary>
    public static bool IsOfCompiler(this CudaError error) => error is CudaError.NoBinaryForGpu or CudaError.InvalidPtx
        or CudaError.JitCompilerNotFound or CudaError.UnsupportedPtxVersion or CudaError.JitCompilationDisabled;
}
