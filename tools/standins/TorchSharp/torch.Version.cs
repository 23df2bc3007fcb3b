using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public static string __version__
    {
        get
        {
            int version = Native.gs_version();
            return string.Create(CultureInfo.InvariantCulture, $"{version / 10000}.{version / 100 % 100}.{version % 100}");
        }
    }
}
