using System.Text;
using System.Text.Json;
using GpuSynth.Devices;
using Spectre.Console;

namespace GpuSynth.Cli;

/// <summary>
/// Where the tool writes: data (results, tables, JSON) to the standard output, everything else (progress, messages, errors) to
/// the standard error. Away from a terminal both are plain text: no colours, no escape codes, no animation.
/// </summary>
/// <remarks>Spectre.Console is touched only by commands that need it: help appears without it.</remarks>
internal sealed class Output
{
    // Where the output is not a terminal no width is known; tables are never wrapped below this one.
    private const int PlainWidth = 160;

    private readonly bool isDataTerminal;
    private readonly bool isMessagesTerminal;
    private readonly Lazy<IAnsiConsole> dataConsole;
    private readonly Lazy<IAnsiConsole> messagesConsole;

    /// <summary>Writes to two writers.</summary>
    /// <param name="data">For results.</param>
    /// <param name="messages">For everything else.</param>
    /// <param name="isDataTerminal">Whether a person sees the first on a terminal.</param>
    /// <param name="isMessagesTerminal">Whether a person sees the second on a terminal.</param>
    public Output(TextWriter data, TextWriter messages, bool isDataTerminal = false, bool isMessagesTerminal = false)
    {
        Data = data;
        Messages = messages;
        this.isDataTerminal = isDataTerminal;
        this.isMessagesTerminal = isMessagesTerminal;
        dataConsole = new(() => Open(Data, this.isDataTerminal));
        messagesConsole = new(() => Open(Messages, this.isMessagesTerminal));
    }

    /// <summary>For results, as plain text.</summary>
    public TextWriter Data { get; }

    /// <summary>For everything else, as plain text.</summary>
    public TextWriter Messages { get; }

    /// <summary>For results, with tables.</summary>
    public IAnsiConsole DataConsole => dataConsole.Value;

    /// <summary>For progress.</summary>
    public IAnsiConsole MessagesConsole => messagesConsole.Value;

    /// <summary>Whether progress is worth showing: somebody watches.</summary>
    public bool IsWatched => isMessagesTerminal;

    /// <summary>The process's own streams.</summary>
    public static Output Standard() => new(
        StandardStream.OfData(), StandardStream.OfMessages(), !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>Writes an error: a sentence, or a sentence and a list of lines.</summary>
    public void Complain(string sentence)
    {
        bool isEnded = sentence.Contains('\n', StringComparison.Ordinal) || sentence.EndsWith('.') || sentence.EndsWith('?');
        Messages.WriteLine($"gpusynth: {sentence}{(isEnded ? string.Empty : ".")}");
    }

    /// <summary>Writes what a user has to know of the data, a line each.</summary>
    public void Tell(Notices? notices)
    {
        foreach (string notice in notices?.All ?? [])
        {
            Messages.WriteLine($"note: {notice}");
        }
    }

    /// <summary>Says why the first batch of an OpenCL device takes seconds: its driver compiles every kernel. Most drivers keep what
    /// they have compiled for the next run.</summary>
    /// <param name="device">Name of the device that is about to be opened.</param>
    public void SayIfItCompiles(string device)
    {
        if (device.StartsWith("opencl:", StringComparison.Ordinal) && DeviceCatalogue.List().Any(known => known.Name == device))
        {
            Messages.WriteLine($"compiling the kernels for {device} (once) ...");
        }
    }

    /// <summary>Writes one JSON value to the data, indented, with a line end.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write) => Data.WriteLine(JsonText.Of(write));

    /// <summary>A table for <see cref="DataConsole"/>; columns that begin with a '>' are set to the right.</summary>
    public static Table Table(params ReadOnlySpan<string> columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            bool isRight = column.StartsWith('>');
            var header = new TableColumn(new Text(isRight ? column[1..] : column)) { NoWrap = isRight };
            table.AddColumn(isRight ? header.RightAligned() : header);
        }

        return table;
    }

    /// <summary>Adds a row of plain texts: brackets in them are brackets, not markup.</summary>
    public static void AddRow(Table table, params string[] cells) =>
        table.AddRow(cells.Select(static cell => new Text(cell)));

    private static IAnsiConsole Open(TextWriter writer, bool isTerminal)
    {
        bool isColourful = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new Page(writer, isTerminal),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isColourful ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            // Build services are recognised by their environment and given escape codes; a pipe is a pipe.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        return console;
    }

    // Spectre.Console's own asks whether the writer is the console's, which ours are not.
    private sealed class Page(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        private const int UsualWidth = 80;
        private const int UsualHeight = 24;

        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => isTerminal ? Measured(static () => Console.BufferWidth, UsualWidth) : PlainWidth;

        public int Height => isTerminal ? Measured(static () => Console.WindowHeight, UsualHeight) : UsualHeight;

        public void SetEncoding(Encoding encoding)
        {
            // The stream's stays.
        }

        // A terminal that was just closed has no size.
        private static int Measured(Func<int> measure, int usual)
        {
            try
            {
                return measure() is > 0 and int size ? size : usual;
            }
            catch (IOException)
            {
                return usual;
            }
        }
    }
}
