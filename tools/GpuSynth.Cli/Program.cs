using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using GpuSynth.Cli.Commands;

namespace GpuSynth.Cli;

/// <summary>The tool: arguments in, exit code out. Whatever goes wrong ends as one sentence on the standard error.</summary>
internal static class Program
{
    /// <summary>Runs the tool in this process.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="output">Where it writes.</param>
    /// <param name="interruption">What stops it early.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, Output output, Interruption interruption)
    {
        try
        {
            Command tool = Tool(new ToolContext(output, interruption));
            // No @file arguments: a folder's name may begin with an @.
            ParseResult parsed = tool.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is ParseErrorAction)
            {
                return Refusal.Of(parsed, output);
            }

            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output.Data,
                Error = output.Messages,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (OperationCanceledException stopped)
        {
            output.Complain(stopped is StoppedException ? stopped.Message : "Stopped.");
            return interruption.ExitCode;
        }
        catch (Exception error) when (error is WrongUseException or Planning.PlanException)
        {
            output.Complain(error.Message);
            return ExitCode.WrongUse;
        }
        catch (GpuSynthException error)
        {
            output.Complain(error.Message);
            return ExitCode.Failed;
        }
        catch (Exception error) when (MissingMemory.IsIn(error))
        {
            output.Complain($"The memory ran out; {MissingMemory.WayOut(args.FirstOrDefault())}.");
            return ExitCode.Failed;
        }
        catch (Exception error) when (NativeLibraries.Complaint(error, AppContext.BaseDirectory) is { } sentence)
        {
            output.Complain(sentence);
            return ExitCode.Failed;
        }
#pragma warning disable CA1031 // The last resort: a defect is reported in a sentence as well.
        catch (Exception error)
#pragma warning restore CA1031
        {
            string message = $"Unexpected {error.GetType().Name}: {error.Message.TrimEnd('.')}";
            output.Complain($"{message}; this is a defect of the tool, please report it.");
            return ExitCode.Failed;
        }
    }

    private static int Main(string[] args)
    {
        using var interruption = Interruption.OfSignals();
        return Run(args, Output.Standard(), interruption);
    }

    private static Command Tool(ToolContext context)
    {
        var tool = new Command("gpusynth", "Labelled synthetic volumes and images from a recipe and a seed.")
        {
            DevicesCommand.Create(context),
            RecipeCommand.Create(context),
            GenerateCommand.Create(context),
            PreviewCommand.Create(context),
            PretrainCommand.Create(context),
            ProbeCommand.Create(context),
            EvaluateCommand.Create(context),
            FinetuneCommand.Create(context),
            PredictCommand.Create(context),
            BenchCommand.Create(context),
            KernelsCommand.Create(context),
            new HelpOption(),
            new VersionOption(),
        };
        tool.SetAction(static parsed => new HelpAction().Invoke(parsed));
        return tool;
    }
}
