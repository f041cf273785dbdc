using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Serverless.FaultHarness.Running;

/// <summary>A program of this repository as a process of its own, which can be killed and stopped like any other.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly string name;
    private readonly Action<string>? onLine;
    private readonly Queue<string> lines = new();
    private readonly List<(Regex Pattern, TaskCompletionSource<Match> Seen)> awaited = [];
    private bool isEnding;
    private bool isDisposed;

    private ChildProcess(string name, string program, IEnumerable<string> args, IReadOnlyDictionary<string, string> environment, Action<string>? onLine)
    {
        this.name = name;
        this.onLine = onLine;
        process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. args])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach ((string variable, string value) in environment)
        {
            process.StartInfo.Environment[variable] = value;
        }
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
    }

    public int Id => process.Id;

    /// <summary>It is gone although nobody here has ended it.</summary>
    public bool HasDied => !isEnding && !isDisposed && process.HasExited;

    public long WorkingSetBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>The last lines that it has written.</summary>
    public string Tail
    {
        get
        {
            lock (lines)
            {
                return string.Join('\n', lines.TakeLast(40));
            }
        }
    }

    public static ChildProcess Start(
        string name, string program, IEnumerable<string> args, IReadOnlyDictionary<string, string> environment, Action<string>? onLine)
    {
        ChildProcess child = new(name, program, args, environment, onLine);
        child.process.Start();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for a line that it writes, now or earlier.</summary>
    public async Task<Match> LineAsync(Regex pattern, CancellationToken cancellationToken)
    {
        TaskCompletionSource<Match> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (lines)
        {
            if (lines.Select(line => pattern.Match(line)).FirstOrDefault(m => m.Success) is { } found)
            {
                return found;
            }
            awaited.Add((pattern, seen));
        }
        Task ended = process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(seen.Task, ended).WaitAsync(Patience, cancellationToken) == ended)
        {
            await ended;
            throw new InvalidOperationException($"The {name} has ended with {process.ExitCode} before it was ready:\n{Tail}");
        }
        return await seen.Task;
    }

    /// <summary>The newest line of a kind; waits for the first.</summary>
    public async Task<Match> LastLineAsync(Regex pattern, CancellationToken cancellationToken)
    {
        await LineAsync(pattern, cancellationToken);
        lock (lines)
        {
            return lines.Reverse().Select(line => pattern.Match(line)).First(m => m.Success);
        }
    }

    /// <summary>Waits for its end, which somebody else has brought about.</summary>
    public async Task<int> ExitCodeAsync(CancellationToken cancellationToken)
    {
        isEnding = true;
        await process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        return process.ExitCode;
    }

    /// <summary>SIGKILL: it gets no chance to do anything.</summary>
    public async Task KillAsync()
    {
        isEnding = true;
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGSTOP: it does nothing at all until <see cref="ContinueAsync"/>, and does not know of it.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }
        isDisposed = true;
        if (!process.HasExited)
        {
            await KillAsync();
        }
        process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }
        onLine?.Invoke(line);
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > KeptLines)
            {
                lines.Dequeue();
            }
            foreach ((Regex pattern, TaskCompletionSource<Match> seen) in awaited)
            {
                if (pattern.Match(line) is { Success: true } match)
                {
                    seen.TrySetResult(match);
                }
            }
        }
    }
}
