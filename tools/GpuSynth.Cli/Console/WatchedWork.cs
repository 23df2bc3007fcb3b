using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GpuSynth.Cli;

/// <summary>Runs work on samples under a progress bar: done and total, volumes per second, time left.</summary>
internal static class WatchedWork
{
    // Work that is done sooner needs no bar.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    /// <summary>Runs work; a bar is shown where somebody watches and it takes longer than a moment.</summary>
    /// <param name="output">Where the bar goes.</param>
    /// <param name="isQuiet">No bar at all.</param>
    /// <param name="what">"generating".</param>
    /// <param name="total">Samples in all.</param>
    /// <param name="before">Samples of them that were there before.</param>
    /// <param name="work">The work; it calls what it is given after each sample, from any thread.</param>
    /// <param name="samplesEach">Samples that one call stands for: work is counted in calls, speed in samples.</param>
    /// <param name="note">What else is shown, or null.</param>
    public static void Run(
        Output output, bool isQuiet, string what, long total, long before, Action<Action> work,
        long samplesEach = 1, Func<string>? note = null)
    {
        if (isQuiet || !output.IsWatched)
        {
            work(static () => { });
            return;
        }

        long done = before;
        var clock = Stopwatch.StartNew();
        Task task = Task.Factory.StartNew(
            () => work(() => Interlocked.Increment(ref done)),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        if (!Task.WhenAny(task, Task.Delay(Patience)).GetAwaiter().GetResult().Equals(task))
        {
            Show(output, what, total, before, () => Interlocked.Read(ref done), clock, task, samplesEach, note);
        }

        task.GetAwaiter().GetResult();
    }

    private static void Show(
        Output output, string what, long total, long before, Func<long> done, Stopwatch clock, Task task,
        long samplesEach, Func<string>? note) =>
        output.MessagesConsole.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn { Width = 40 },
                new TextColumn(() => string.Create(CultureInfo.InvariantCulture, $"{done()}/{total}")),
                new TextColumn(() => Rate((done() - before) * samplesEach, clock)),
                new TextColumn(() => TimeLeft(done() - before, total - done(), clock)),
                new TextColumn(note ?? (static () => string.Empty)))
            .Start(context =>
            {
                ProgressTask bar = context.AddTask(what, maxValue: total);
                do
                {
                    bar.Value = done();
                }
                while (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(100));
            });

    private static string Rate(long done, Stopwatch clock) => done == 0
        ? "-- volumes/s"
        : string.Create(CultureInfo.InvariantCulture, $"{done / clock.Elapsed.TotalSeconds:0.0} volumes/s");

    private static string TimeLeft(long done, long left, Stopwatch clock)
    {
        if (done == 0)
        {
            return "--:-- left";
        }

        var time = TimeSpan.FromSeconds(clock.Elapsed.TotalSeconds / done * left);
        string format = time.TotalHours >= 1 ? @"d\.hh\:mm\:ss" : @"mm\:ss";
        string text = time.ToString(format, CultureInfo.InvariantCulture);
        return $"{(text.StartsWith("0.", StringComparison.Ordinal) ? text[2..] : text)} left";
    }

    private sealed class TextColumn(Func<string> text) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(text());
    }
}
