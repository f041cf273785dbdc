using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Serverless.FunctionsHost.Timers;

/// <summary>When a timer ran and when it is due, in the form that the worker's binding reads.</summary>
internal sealed record TimerStatus(DateTimeOffset Last, DateTimeOffset Next, DateTimeOffset LastUpdated);

/// <summary>Keeps the status of timers for the next start, in one small file each; nowhere if no directory is set.</summary>
internal sealed class TimerStatusStore(IOptions<FunctionsHostOptions> options)
{
    public TimerStatus? Read(string function)
    {
        if (PathOf(function) is not { } path || !File.Exists(path))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<TimerStatus>(File.ReadAllBytes(path));
        }
        catch (JsonException)
        {
            return null; // Half a file, of a host that was killed: the timer begins as if it were new.
        }
    }

    public void Write(string function, TimerStatus status)
    {
        if (PathOf(function) is { } path)
        {
            Directory.CreateDirectory(options.Value.TimerDirectory!);
            File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(status));
        }
    }

    private string? PathOf(string function) => options.Value.TimerDirectory is { } directory ? Path.Combine(directory, $"{function}.json") : null;
}
