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

    /// <summary>All of them, by name; a fixture on OpenCL is of the category OpenCl, for most of its minutes go to a compiler.</summary>
    public static IEnumerable<TestFixtureData> All => OpenCl.Select(static name =>
    {
        var fixture = new TestFixtureData(name);
        fixture.Properties.Add("Category", "OpenCl");
        return fixture;
    }).Prepend(new TestFixtureData(DeviceCatalogue.IlgpuCpu));

    /// <summary>For tests of OpenCL alone: its devices, or one null for the tests that say that there is none.</summary>
    public static IReadOnlyList<string?> OpenClOrNone { get; } = OpenCl is [] ? new string?[] { null } : OpenCl;
}
