using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Serverless.LocalWorker.Tests.Support;

/// <summary>Keeps what was logged, and lets a test wait for a line instead of for a time.</summary>
internal sealed class RecordedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<Entry> entries = new();
    private readonly SemaphoreSlim added = new(0);

    public IReadOnlyCollection<Entry> Entries => entries;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public async Task<Entry> WaitForAsync(Func<Entry, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (entries.FirstOrDefault(condition) is { } entry)
            {
                return entry;
            }

            await added.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
    }

    internal sealed record Entry(string Category, LogLevel Level, string Message, Exception? Exception);

    private sealed class Logger(RecordedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            logs.entries.Enqueue(new Entry(category, logLevel, formatter(state, exception), exception));
            logs.added.Release();
        }
    }
}
