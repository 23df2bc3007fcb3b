using GpuSynth.IO;

namespace GpuSynth.Tests.IO;

internal static class FileErrors
{
    /// <summary>Asserts that something fails with a sentence about a file that contains the expected words.</summary>
    public static void AssertFails(Action action, string expected, string about = "") =>
        Assert.That(action, Throws.TypeOf<VolumeFileException>().With.Message.Contains(expected), about);
}
