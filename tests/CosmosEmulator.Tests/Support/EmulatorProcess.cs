using System.Diagnostics;
using System.Text;

namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>The emulator as a program of its own, as users start it.</summary>
public sealed class EmulatorProcess : IAsyncDisposable
{
    private const string ConnectionStringStart = "Connection string (connection mode Gateway): ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly TaskCompletionSource<string> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EmulatorProcess(params IEnumerable<string> arguments)
    {
        process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Serverless.CosmosEmulator.dll"), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
    }

    public string ConnectionString => ready.Task.IsCompletedSuccessfully ? ready.Task.GetAwaiter().GetResult() : throw new InvalidOperationException();

    public Uri Endpoint => new(ConnectionString.Split(';')[0]["AccountEndpoint=".Length..]);

    public string Output => Text(output);

    public string Errors => Text(errors);

    public static Task<EmulatorProcess> StartAsync(params string[] arguments) => StartInHomeAsync(home: null, arguments);

    /// <summary>With a home directory of its own, where the operating system keeps a user's certificates.</summary>
    public static async Task<EmulatorProcess> StartInHomeAsync(string? home, params string[] arguments)
    {
        var emulator = new EmulatorProcess(arguments);
        if (home is not null)
        {
            emulator.process.StartInfo.Environment["HOME"] = home;
            emulator.process.StartInfo.Environment["DOTNET_CLI_HOME"] = home;
        }

        emulator.Begin();
        if (await Task.WhenAny(emulator.ready.Task, emulator.process.WaitForExitAsync()).WaitAsync(Patience) != emulator.ready.Task)
        {
            await emulator.process.WaitForExitAsync();
            throw new InvalidOperationException($"The emulator ended with {emulator.process.ExitCode}: {emulator.Errors}");
        }

        return emulator;
    }

    /// <summary>For arguments with which it can't start: what it says and its exit code.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var emulator = new EmulatorProcess(arguments);
        emulator.Begin();
        int code = await emulator.WaitForExitAsync();
        return (code, emulator.Output, emulator.Errors);
    }

    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    /// <summary>SIGKILL: the process gets no chance to do anything.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>A signal by its name, such as <c>TERM</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", ["-s", name, process.Id.ToString()]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private void Begin()
    {
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private void Keep(StringBuilder text, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (text)
        {
            text.AppendLine(line);
        }

        if (line.StartsWith(ConnectionStringStart, StringComparison.Ordinal))
        {
            ready.TrySetResult(line[ConnectionStringStart.Length..]);
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
