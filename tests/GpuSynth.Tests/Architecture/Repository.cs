namespace GpuSynth.Tests.Architecture;

internal static class Repository
{
    /// <summary>The folder that holds the solution, looked for upward from the test assembly.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder, "GpuSynth.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds GpuSynth.sln.");
    }
}
