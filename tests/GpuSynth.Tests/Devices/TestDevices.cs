using GpuSynth.Devices;

namespace GpuSynth.Tests.Devices;

/// <summary>The devices that the kernels' tests run on: ILGPU's simulated one, which is everywhere, and what there is of OpenCL.</summary>
internal static class TestDevices
{
    /// <summary>Why the tests of OpenCL did not run, where they did not.</summary>
    public static string NoOpenCl { get; } =
        $"not run: {DeviceCatalogue.WhyMissing("opencl:0")}; Debian 13's package pocl-opencl-icd gives one, Debian 12's none";

    /// <summary>Devices of OpenCL, by name.</summary>
    public static string[] OpenCl { get; } =
        [.. DeviceCatalogue.List().Where(static device => device.Kind == "opencl").Select(static device => device.Name)];

    /// <summary>All of them, for fixtures that take a name.</summary>
    public static IEnumerable<TestFixtureData> All => OpenCl.Select(OnOpenCl).Prepend(new TestFixtureData(DeviceCatalogue.IlgpuCpu));

    /// <summary>For tests of OpenCL alone: its devices, or one null for the tests that say that there is none.</summary>
    public static IEnumerable<TestFixtureData> OpenClOrNone =>
        OpenCl is [] ? [new TestFixtureData([null])] : OpenCl.Select(OnOpenCl);

    /// <summary>How many samples a test makes: on a simulated device a quarter of the host's, for a launch there takes a tenth of a second.</summary>
    /// <param name="device">Where.</param>
    /// <param name="onHost">How many on the host.</param>
    public static int Samples(string device, int onHost) => device == DeviceCatalogue.Host ? onHost : Math.Max(2, onHost / 4);

    // Slow, for every engine that starts has its kernels compiled.
    private static TestFixtureData OnOpenCl(string name)
    {
        var fixture = new TestFixtureData(name);
        fixture.Properties.Add("Category", "OpenCl");
        fixture.Properties.Add("Category", "Slow");
        return fixture;
    }
}
