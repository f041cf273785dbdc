using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Commands;

/// <summary>The recorder of refused commands, which says in the log what it lost. Of the command there is nothing that its sender wrote.</summary>
internal sealed partial class RefusedCommands(
    IRefusedCommandStore store, RefusedCommandOptions options, TimeProvider time, ILogger<RefusedCommands> logger)
{
    public RefusedCommandRecorder Recorder { get; } = new(
        store, options, time,
        (command, fault) => LogLost(
            logger, fault, command.Metadata.CommandType, command.Stream.Value, command.Version, command.Reason.Code, command.Metadata.CorrelationId));

    [LoggerMessage(1304, LogLevel.Warning, "The refused {Command} for {Stream} at version {Version} ({Code}) was not recorded, correlation {CorrelationId}")]
    private static partial void LogLost(
        ILogger logger, Exception fault, string command, string stream, long version, string code, string correlationId);
}
