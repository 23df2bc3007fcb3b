using System.Text;
using System.Text.Json;

namespace GpuSynth.Tests.Engine;

internal static class Json
{
    /// <summary>What was drawn, as it stands in a manifest.</summary>
    public static string Of(DrawnSample drawn)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            drawn.WriteJson(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
