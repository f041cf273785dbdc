using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Serverless.CosmosEmulator.Charges;

namespace Serverless.CosmosEmulator.Hosting;

/// <summary>The emulator as a program: arguments in, one ready line or one error line out, and an orderly stop on a signal.</summary>
internal static class EmulatorProgram
{
    private const int Ok = 0;
    private const int Failed = 1;
    private const int BadArguments = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args.Contains("--help") || args is ["-h"])
        {
            await output.WriteLineAsync(Arguments.Help);
            return Ok;
        }

        if (args is ["--version"])
        {
            await output.WriteLineAsync(typeof(EmulatorProgram).Assembly.GetName().Version?.ToString(3));
            return Ok;
        }

        try
        {
            return await ServeAsync(Arguments.Parse(args), output);
        }
        catch (BadArgumentException exception)
        {
            await errors.WriteLineAsync($"cosmos-emulator: {exception.Message} Try --help.");
            return BadArguments;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException)
        {
            await errors.WriteLineAsync($"cosmos-emulator: {exception.Message}");
            return Failed;
        }
    }

    private static async Task<int> ServeAsync(Arguments arguments, TextWriter output)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        void Stop(PosixSignalContext signal)
        {
            // The second signal ends the program at once, in case the orderly stop hangs.
            signal.Cancel = stop.TrySetResult();
        }

        TextWriter log = TextWriter.Synchronized(output);
        await using (EmbeddedCosmos cosmos = EmbeddedCosmos.Create(
            arguments.ToOptions(arguments.LogRequests ? record => Log(log, record) : null, log.WriteLine)))
        {
            await cosmos.ListenAsync(arguments.Port, CancellationToken.None);
            await log.WriteLineAsync(ReadyLine(cosmos, arguments));
            await log.FlushAsync();
            await stop.Task;
        }

        await log.WriteLineAsync("Stopped.");
        return Ok;
    }

    private static string ReadyLine(EmbeddedCosmos cosmos, Arguments arguments)
    {
        TimeSpan start = TimeProvider.System.GetUtcNow() - new DateTimeOffset(Process.GetCurrentProcess().StartTime);
        string partitions = arguments.Partitions == 1 ? "1 physical partition" : $"{arguments.Partitions} physical partitions";
        return $"""
            Ready after {start.TotalMilliseconds:0} ms: {cosmos.Endpoint}, {(arguments.Data is null ? "in memory" : $"data in {arguments.Data}")}, {partitions} in a new container
            Connection string (connection mode Gateway): {cosmos.ConnectionString}
            """;
    }

    private static void Log(TextWriter log, RequestRecord record)
    {
        string status = record.Status == RequestRecord.Dropped ? "dropped"
            : record.SubStatus == 0 ? record.Status.ToString(CultureInfo.InvariantCulture)
            : $"{record.Status}/{record.SubStatus}";
        log.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetLocalNow():HH:mm:ss.fff} {record.Method} {record.Target} {status} {RequestCharges.Text(record.Charge)} RU {record.AnswerBytes} B {record.Duration.TotalMilliseconds:0.0} ms"));
    }
}
