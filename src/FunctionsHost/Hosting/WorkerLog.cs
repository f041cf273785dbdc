using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>Writes what a worker process logs into the host's log, also what belongs to no invocation, which the real host drops.</summary>
internal sealed class WorkerLog(ILoggerFactory loggers)
{
    private const int SystemCategory = 1; // The worker's own notes about its process.

    // The host logs each failed invocation itself, with the same stack.
    private const string WorkerFailures = "Microsoft.Azure.Functions.Worker.FunctionsApplication";

    public void Write(LogEntry entry)
    {
        if (entry.LogCategory == SystemCategory || entry.Category == WorkerFailures)
        {
            return;
        }
        ILogger logger = loggers.CreateLogger(entry.Category);
        string text = entry.Fault is { } fault ? $"{entry.Message}{Environment.NewLine}{fault.Message}" : entry.Message;
        logger.Log((LogLevel)entry.Level, default, text, null, static (message, _) => message);
    }
}
