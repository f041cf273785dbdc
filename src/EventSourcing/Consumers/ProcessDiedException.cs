namespace Serverless.EventSourcing;

/// <summary>
/// The process ended each time it handled a stream alone: its code recurses without end or ends the process itself. No exception can be
/// caught there. Nothing retries such a stream by itself.
/// </summary>
public sealed class ProcessDiedException(string stream, int deaths)
    : Exception($"The process ended {deaths} times while it handled {stream} alone. Look for endless recursion in the code that handles its events.")
{
    public string Stream { get; } = stream;

    public int Deaths { get; } = deaths;
}
