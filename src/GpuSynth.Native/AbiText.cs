using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace GpuSynth.Native;

/// <summary>Texts on their way in and out: UTF-8 that ends with a zero byte, in memory of the caller.</summary>
internal static unsafe class AbiText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A copy of the caller's text; null where it gave none, or an empty one.</summary>
    /// <exception cref="AbiException">It is not UTF-8.</exception>
    public static string? Read(byte* text, string name)
    {
        if (text is null || *text == 0)
        {
            return null;
        }

        try
        {
            return Strict.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        }
        catch (DecoderFallbackException exception)
        {
            throw new AbiException(
                ResultCode.InvalidArgument, $"{name} is not UTF-8: byte {exception.Index} starts no character.");
        }
    }

    /// <summary>Writes as much as there is room for, whole characters and a zero byte; returns the bytes of all of it.</summary>
    public static long Write(ReadOnlySpan<char> text, byte* to, long capacity)
    {
        if (to is not null && capacity > 0)
        {
            var room = new Span<byte>(to, (int)Math.Min(capacity - 1, int.MaxValue));
            Utf8.FromUtf16(text, room, out _, out int written);
            to[written] = 0;
        }

        return Encoding.UTF8.GetByteCount(text) + 1L;
    }
}
