using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Recipes;

namespace GpuSynth.Native;

/// <summary>The sentence of this thread's last call that failed.</summary>
internal static unsafe class ThreadError
{
    [ThreadStatic]
    private static string? sentence;

    /// <summary>Keeps an exception's sentence and says which code it means. Never throws.</summary>
    /// <param name="exception">What came out of the engine.</param>
    /// <param name="ofSentence">The code of an exception that is for users and says nothing closer.</param>
    public static int Keep(Exception exception, ResultCode ofSentence = ResultCode.Failed)
    {
        try
        {
            ResultCode code = exception switch
            {
                AbiException refused => refused.Code,
                DeviceException => ResultCode.Device,
                RecipeException or VolumeFileException => ResultCode.Plan,
                GpuSynthException => ofSentence,
                OutOfMemoryException => ResultCode.Failed,
                _ => ResultCode.Defect,
            };
            sentence = exception switch
            {
                OutOfMemoryException => "This process got no more memory; use a smaller size or batch, or free some.",
                _ when code == ResultCode.Defect =>
                    $"Unexpected {exception.GetType().Name}: {exception.Message} This is a defect of GpuSynth; please report it.",
                _ => exception.Message,
            };
            return (int)code;
        }
#pragma warning disable CA1031 // There is nobody to throw to; this text needs no memory.
        catch (Exception)
#pragma warning restore CA1031
        {
            sentence = "Something failed, and there was no memory to say what.";
            return (int)ResultCode.Defect;
        }
    }

    /// <summary>Writes the sentence as far as there is room; returns the bytes of all of it with its zero.</summary>
    public static long Read(byte* text, long capacity) => AbiText.Write(sentence, text, capacity);
}
