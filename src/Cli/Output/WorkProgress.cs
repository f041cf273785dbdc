using System.Globalization;
using Spectre.Console;

namespace Serverless.Cli.Output;

/// <summary>
/// How far long work is, on standard error so that answers can go into a pipe: a bar with rate and time left on a terminal, elsewhere a
/// line from time to time.
/// </summary>
internal sealed class WorkProgress
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly ToolEnvironment environment;
    private readonly string what;
    private readonly string unit;
    private readonly ProgressTask? bar;
    private readonly long started;
    private long lastLine;

    private WorkProgress(ToolEnvironment environment, string what, string unit, ProgressTask? bar)
    {
        this.environment = environment;
        this.what = what;
        this.unit = unit;
        this.bar = bar;
        started = lastLine = environment.Time.GetTimestamp();
    }

    public static async Task<T> RunAsync<T>(ToolEnvironment environment, string what, string unit, Func<WorkProgress, Task<T>> work)
    {
        if (!environment.IsErrorTerminal)
        {
            return await work(new WorkProgress(environment, what, unit, bar: null));
        }
        T? result = default;
        await Screen.ConsoleOn(environment, environment.Error, isTerminal: true).Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(unit), new RemainingTimeColumn())
            .AutoClear(true)
            .StartAsync(async context => result = await work(new WorkProgress(environment, what, unit, Begin(context, what))));
        return result!;
    }

    /// <param name="done">So much in all.</param>
    /// <param name="total">Of so much, about; null when nobody knows.</param>
    public void Report(long done, long? total)
    {
        if (bar is not null)
        {
            bar.IsIndeterminate = total is null;
            bar.MaxValue = Math.Max(total ?? 0, Math.Max(done, 1));
            bar.Value = done;
            return;
        }
        if (environment.Time.GetElapsedTime(lastLine) < BetweenLines)
        {
            return;
        }
        lastLine = environment.Time.GetTimestamp();
        environment.Error.WriteLine(Line(done, total, environment.Time.GetElapsedTime(started)));
    }

    private string Line(long done, long? total, TimeSpan elapsed)
    {
        double rate = done / Math.Max(elapsed.TotalSeconds, 0.001);
        string of = total is { } all ? $" of about {Cell.Of(all)}" : "";
        string left = total is { } end && end > done && rate > 0
            ? string.Create(CultureInfo.InvariantCulture, $", {TimeSpan.FromSeconds(Math.Ceiling((end - done) / rate)):c} left")
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{what}: {Cell.Of(done)}{of} {unit}, {rate:N0}/s{left}");
    }

    private static ProgressTask Begin(ProgressContext context, string what)
    {
        ProgressTask task = context.AddTask(Markup.Escape(what));
        task.IsIndeterminate = true;
        return task;
    }

    private sealed class RateColumn(string unit) : ProgressColumn
    {
        public override Spectre.Console.Rendering.IRenderable Render(Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(string.Create(CultureInfo.InvariantCulture, $"{task.Value:N0} {unit}, {task.Speed ?? 0:N0}/s"));
    }
}
