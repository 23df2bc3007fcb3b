using System.Globalization;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static string __version__ { get; } = VersionText(LibraryVersion());

    private static string VersionText(int version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version / 10000}.{version / 100 % 100}.{version % 100}");

    [DllImport("LibTorchSharp", EntryPoint = "gs_version")]
    private static extern int LibraryVersion();
}
