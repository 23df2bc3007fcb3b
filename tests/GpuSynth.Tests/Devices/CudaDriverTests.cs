using static GpuSynth.Tests.Devices.CudaScenarios;

namespace GpuSynth.Tests.Devices;

/// <summary>The CUDA backend on a fake driver: contexts, streams, memory and failures, with no GPU.</summary>
[Category("Slow")]
public sealed class CudaDriverTests
{
    private const string Driver = "GPUSYNTH_CUDA_DRIVER";
    private const string Route = "GPUSYNTH_CUDA_ROUTE";

    [Test]
    public void EverythingHappensInThePrimaryContext_InOrder_AndIsGivenBack([Values("A", "B")] string route) =>
        OnIlgpu(nameof(Run), route);

    [Test]
    public void TheEngineOnlyLaunchesAndOrders([Values("A", "B")] string route) => OnIlgpu(nameof(Engine), route);

    [Test]
    public void TheAbiOrdersTheStreamsOfItsCaller([Values("A", "B")] string route) => OnIlgpu(nameof(TheAbiOrdersStreams), route);

    [Test]
    public void LaunchesCarryTheSameArguments([Values("A", "B")] string route) => OnIlgpu(nameof(Arguments), route);

    [Test]
    public void AContextThatOthersMadeCurrentDoesNotMatter([Values("A", "B")] string route) =>
        OnIlgpu(nameof(OthersChangeTheContext), route);

    [Test]
    public void ABatchAllocatesNoManagedMemory([Values("A", "B")] string route) =>
        OnIlgpu(nameof(LaunchesAllocateNothing), route);

    [Test]
    public void TwoBackendsShareTheContext([Values("A", "B")] string route) => OnIlgpu(nameof(TwoAtOnce), route);

    [Test]
    public void WhatIsForgottenIsGivenBack([Values("A", "B")] string route) => OnIlgpu(nameof(WhatIsLeftIsGivenBack), route);

    [Test]
    public void ADeviceLostInALaunchIsNamed([Values("A", "B")] string route) => OnIlgpu(nameof(ALostLaunch), route);

    [TestCase(nameof(ALostWait))]
    [TestCase(nameof(ALostEvent))]
    [TestCase(nameof(AnUnknownFailure))]
    [TestCase(nameof(ADestroyedContext))]
    public void ALostDeviceIsNamed(string scenario) => OnIlgpu(scenario, "A");

    [Test]
    public void AKernelThatDoesNotCompileComesWithTheLog([Values("A", "B")] string route) =>
        OnIlgpu(nameof(AKernelThatDoesNotCompile), route);

    [Test]
    public void TwoLibrariesInTwoContextsAreToldApart() => OnIlgpu(nameof(AStreamOfAnotherContext), "B");

    [Test]
    public void TooLittleMemoryForThePlanIsSaid([Values("A", "B")] string route) =>
        OnIlgpu(nameof(NotEnoughMemory), route, "FAKECUDA_MEMORY=3000000");

    [Test]
    public void TheAcceleratorIsMoved_WhereItCanBe() => OnIlgpu(nameof(RouteIsA), string.Empty);

    [TestCase("cuCtxCreate_v2:2:0:1", TestName = "IlgpuIsTheCompilerOnly_WhereItCannotMakeAContext")]
    [TestCase("cuCtxGetCacheConfig:801:0:1", TestName = "IlgpuIsTheCompilerOnly_WhereItCannotOpen")]
    [TestCase("cuStreamGetCtx:801:0:1", TestName = "IlgpuIsTheCompilerOnly_WhereTheSelfTestFails")]
    public void IlgpuIsTheCompilerOnly(string failure) => OnIlgpu(nameof(RouteIsB), string.Empty, $"FAKECUDA_FAIL={failure}");

    [Test]
    public void AnUnknownRouteIsRefused() => OnIlgpu(nameof(CudaScenarios.AnUnknownRoute), "C");

    [Test]
    public void WithoutADriver() => FakeCuda.Run(nameof(NoDriver), $"{Driver}=/nowhere/libcuda.so.1");

    [Test]
    public void WithAnOldDriver() => FakeCuda.Run(nameof(AnOldDriver), "FAKECUDA_VERSION=10020");

    [Test]
    public void WithADriverThatDoesNotStart() => FakeCuda.Run(nameof(ADriverThatDoesNotStart), "FAKECUDA_FAIL=cuInit:999");

    [Test]
    public void WithoutAGpu() => FakeCuda.Run(nameof(NoDevice), "FAKECUDA_DEVICES=0");

    [Test]
    public void WithTooFewGpus() => FakeCuda.Run(nameof(NoSuchDevice));

    [Test]
    public void KernelsCanBeCompiled() => FakeCuda.Run(nameof(RouteIsA));

    [Test]
    public void ThePrimaryContextIsSharedAndGivenBack() => FakeCuda.Run(nameof(ThePrimaryContext));

    [Test]
    public void MemoryOfOthersIsToldApart() => FakeCuda.Run(nameof(MemoryOfOthers));

    [Test]
    public void TooLittleMemoryIsSaid() => FakeCuda.Run(nameof(TooLittleMemory), "FAKECUDA_MEMORY=3000000");

    private static void OnIlgpu(string scenario, string route, params string[] environment)
    {
        FakeCuda.Run(scenario, [$"{Route}={route}", .. environment]);
    }
}
