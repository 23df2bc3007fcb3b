using System.Text.Json;
using GpuSynth.Planning;
using Spectre.Console;

namespace GpuSynth.Cli.Generating;

/// <summary>The memory that was declared, piece by piece.</summary>
internal static class MemoryTable
{
    /// <summary>Prints it, with the sum.</summary>
    public static void Print(IReadOnlyCollection<PlannedBuffer> buffers, Output output)
    {
        Table memory = Output.Table("memory", ">size", "what for");
        foreach (PlannedBuffer buffer in buffers)
        {
            Output.AddRow(memory, buffer.Name, SynthesisPlan.BytesText(buffer.Bytes), buffer.Purpose);
        }

        Output.AddRow(memory, "all", SynthesisPlan.BytesText(buffers.Sum(static buffer => buffer.Bytes)), string.Empty);
        output.DataConsole.Write(memory);
    }

    /// <summary>Writes it as the array "memory".</summary>
    public static void WriteJson(Utf8JsonWriter writer, IEnumerable<PlannedBuffer> buffers) =>
        writer.WriteObjects("memory", buffers, buffer =>
        {
            writer.WriteString("name", buffer.Name);
            writer.WriteNumber("bytes", buffer.Bytes);
            writer.WriteString("purpose", buffer.Purpose);
        });
}
