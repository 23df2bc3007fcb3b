namespace GpuSynth.Tests;

/// <summary>Where tests find the data that lies beside the repository, and a folder of their own to write to.</summary>
internal static class TestData
{
    /// <summary>
    /// The folder <c>shared</c> beside the repository, or the one that the environment variable GPUSYNTH_SHARED names; null where
    /// there is none.
    /// </summary>
    public static string? SharedFolder { get; } = FindShared();

    /// <summary>A path below the shared folder; the running test is "not run" where it is absent.</summary>
    public static string Shared(params string[] parts)
    {
        string relative = Path.Combine(parts);
        string? path = SharedFolder is null ? null : Path.Combine(SharedFolder, relative);
        if (path is null || !Path.Exists(path))
        {
            Assert.Ignore($"not run: ../shared/{relative} is absent");
        }

        return path!;
    }

    private static string? FindShared()
    {
        string? named = Environment.GetEnvironmentVariable("GPUSYNTH_SHARED");
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named) ? named : null;
        }

        // Upward from the test assembly to the repository, and one step further.
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuSynth.sln")))
            {
                string shared = Path.Combine(folder.FullName, "..", "shared");
                return Directory.Exists(shared) ? Path.GetFullPath(shared) : null;
            }
        }

        return null;
    }
}
