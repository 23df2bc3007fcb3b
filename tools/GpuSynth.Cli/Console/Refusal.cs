using System.CommandLine;
using System.CommandLine.Parsing;
using GpuSynth.Recipes;

namespace GpuSynth.Cli;

/// <summary>Says what is wrong with a command line.</summary>
internal static class Refusal
{
    /// <summary>Complains, and names the help that helps.</summary>
    /// <returns><see cref="ExitCode.WrongUse"/>.</returns>
    public static int Of(ParseResult parsed, Output output)
    {
        foreach (string sentence in Sentences(parsed))
        {
            output.Complain(sentence);
        }

        output.Messages.WriteLine($"'{FullName(parsed.CommandResult)} --help' shows what it takes.");
        return ExitCode.WrongUse;
    }

    private static IEnumerable<string> Sentences(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [string unknown, ..])
        {
            return parsed.Errors.Select(static error => error.Message).Distinct();
        }

        // The first word that is not known: the ones behind it are mostly its values, and options are missed because of it.
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> known = command.Options.Select(static option => option.Name)
            .Concat(command.Subcommands.Select(static subcommand => subcommand.Name));
        string guess = NearestName.Of(unknown, known) is { } nearest ? $"; did you mean {nearest}?" : ".";
        string what = unknown.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return [$"There is no {what} {unknown}{guess}"];
    }

    private static string FullName(SymbolResult result) => result.Parent is CommandResult parent
        ? $"{FullName(parent)} {((CommandResult)result).Command.Name}"
        : ((CommandResult)result).Command.Name;
}
