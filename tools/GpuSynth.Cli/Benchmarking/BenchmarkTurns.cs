using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking;

/// <summary>
/// Batches on demand, so that this program and another can be timed in turn, batch by batch on the same samples: what else the
/// machine does then meets both alike. perf/python is such another.
/// </summary>
internal static class BenchmarkTurns
{
    /// <summary>
    /// First writes what is measured, as one line of JSON. Then reads how many batches to make, a line each time, and answers
    /// with a line of their milliseconds, until the orders end.
    /// </summary>
    /// <param name="options">What to make; its batch size counts as it is.</param>
    /// <param name="orders">Whole numbers, one a line.</param>
    /// <param name="answers">Where the lines go.</param>
    /// <exception cref="PlanException">The options do not fit each other.</exception>
    /// <exception cref="WrongUseException">A line that is no number.</exception>
    public static void Run(EngineOptions options, TextReader orders, TextWriter answers)
    {
        options = options with { SlotsOnDevice = options.Device.StartsWith("cuda:", StringComparison.Ordinal) };
        SynthesisPlan plan = SynthesisPlan.Create(options);
        using var batches = new BenchmarkBatches(plan);
        answers.WriteLine(Facts(plan));
        answers.Flush();
        while (orders.ReadLine() is { } line)
        {
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count < 1)
            {
                throw new WrongUseException($"--turns: '{line}' is no number of batches.");
            }

            var milliseconds = new double[count];
            for (int n = 0; n < count; n++)
            {
                long start = Stopwatch.GetTimestamp();
                batches.Next();
                batches.Complete();
                milliseconds[n] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            answers.WriteLine(string.Join(
                ' ', milliseconds.Select(static value => value.ToString("F5", CultureInfo.InvariantCulture))));
            answers.Flush();
        }
    }

    private static string Facts(SynthesisPlan plan)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("recipe", plan.Options.Recipe.Name);
            writer.WriteString("size", plan.Options.Shape.ToString());
            writer.WriteNumber("batch", plan.Options.BatchSize);
            writer.WriteNumber("threads", plan.Threads);
            writer.WritePropertyName("machine");
            MachineFacts.Current().WriteJson(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
