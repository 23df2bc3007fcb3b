using static GpuSynth.Tests.Devices.CudaScenarios;

namespace GpuSynth.Tests.Devices;

/// <summary>The CUDA backend on a fake driver: contexts, streams, memory and failures, with no GPU.</summary>
[Category("Slow")]
public sealed class CudaDriverTests
{
    private const string Driver = "GPUSYNTH_CUDA_DRIVER";

    [Test]
    public void EverythingHappensInThePrimaryContext_InOrder_AndIsGivenBack() => FakeCuda.Run(nameof(Run));

    [Test]
    public void TheEngineOnlyLaunchesAndOrders() => FakeCuda.Run(nameof(Engine));

    [Test]
    public void TheRingRefusesWhatIsOutOfOrder() => FakeCuda.Run(nameof(RingRefusals));

    [Test]
    public void GenerateMakesBatchesThatFit() => FakeCuda.Run(nameof(Generate), "FAKECUDA_MEMORY=12000000");

    [Test]
    public void TheAbiOrdersTheStreamsOfItsCaller() => FakeCuda.Run(nameof(TheAbiOrdersStreams));

    [Test]
    public void LaunchesCarryTheArguments() => FakeCuda.Run(nameof(Arguments));

    [Test]
    public void ABenchmarkTakesTheDevicesTime() => FakeCuda.Run(nameof(ABenchmark));

    [Test]
    public void AContextThatOthersMadeCurrentDoesNotMatter() => FakeCuda.Run(nameof(OthersChangeTheContext));

    [Test]
    public void ABatchAllocatesNoManagedMemory() => FakeCuda.Run(nameof(LaunchesAllocateNothing));

    [Test]
    public void TwoBackendsShareTheContext() => FakeCuda.Run(nameof(TwoAtOnce));

    [Test]
    public void WhatIsForgottenIsGivenBack() => FakeCuda.Run(nameof(WhatIsLeftIsGivenBack));

    [Test]
    public void ADeviceLostInALaunchIsNamed() => FakeCuda.Run(nameof(ALostLaunch));

    [TestCase(nameof(ALostWait))]
    [TestCase(nameof(ALostEvent))]
    [TestCase(nameof(AnUnknownFailure))]
    [TestCase(nameof(ADestroyedContext))]
    public void ALostDeviceIsNamed(string scenario) => FakeCuda.Run(scenario);

    [Test]
    public void AKernelThatDoesNotCompileComesWithTheLog() => FakeCuda.Run(nameof(AKernelThatDoesNotCompile));

    [Test]
    public void TwoLibrariesInTwoContextsAreToldApart() => FakeCuda.Run(nameof(AStreamOfAnotherContext));

    [Test]
    public void TooLittleMemoryForThePlanIsSaid() => FakeCuda.Run(nameof(NotEnoughMemory), "FAKECUDA_MEMORY=3000000");

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
    public void ADeviceOpensAndCopies() => FakeCuda.Run(nameof(OpenedAndClosed));

    [Test]
    public void AStreamThatCannotBeMadeIsSaid() => FakeCuda.Run(nameof(NoStream), "FAKECUDA_FAIL=cuStreamCreate:2");

    [Test]
    public void ThePrimaryContextIsSharedAndGivenBack() => FakeCuda.Run(nameof(ThePrimaryContext));

    [Test]
    public void MemoryOfOthersIsToldApart() => FakeCuda.Run(nameof(MemoryOfOthers));

    [Test]
    public void TooLittleMemoryIsSaid() => FakeCuda.Run(nameof(TooLittleMemory), "FAKECUDA_MEMORY=3000000");
}
