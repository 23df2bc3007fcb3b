using System.Text.Json;
using Spectre.Console;

namespace GpuSynth.Cli;

/// <summary>
/// Where the tool writes: data (results, tables, JSON) to the standard output, everything else (progress, messages, errors) to
/// the standard error. Away from a terminal both are plain text: no colours, no escape codes, no animation.
/// </summary>
/// <remarks>Spectre.Console is touched only by commands that need it: help appears without it.</remarks>
internal sealed class Output
{
    // Away from a terminal nobody knows the width of the page; a table of this width is not broken by the next program.
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
    public static Output Standard() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

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
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isColourful ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            // Build services are recognised by their environment and given escape codes; a pipe is a pipe.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!isTerminal)
        {
            console.Profile.Width = PlainWidth;
        }

        return console;
    }
}
