using System.Globalization;
using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Durability;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Cli.Output;

/// <summary>What went wrong, in one line without stack trace, key or payload, and the exit code for it.</summary>
internal static class FaultText
{
    public static (int ExitCode, string Line) Of(Exception exception) => exception switch
    {
        ToolException e => (e.ExitCode, Cell.OneLine(e.Message)),
        ContainerMissingException e => (ExitCodes.Unreachable, $"The store has no container '{e.Container}' in a database '{e.Database}'."),
        CosmosException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } e => (
            ExitCodes.Unreachable, string.Create(CultureInfo.InvariantCulture, $"The store lets nobody in with this key or identity ({(int)e.StatusCode}).")),
        CosmosException { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests } e => (
            ExitCodes.Unreachable, string.Create(CultureInfo.InvariantCulture, $"The store is not available ({(int)e.StatusCode}).")),
        // Not its message: that is pages of diagnostics.
        CosmosException e => (ExitCodes.Fault, string.Create(CultureInfo.InvariantCulture, $"The store refused: {(int)e.StatusCode} {e.StatusCode}.")),
        HttpRequestException e => (ExitCodes.Unreachable, $"The store can't be reached: {Cell.OneLine(e.InnerException?.Message ?? e.Message)}"),
        Azure.Identity.AuthenticationFailedException => (ExitCodes.Unreachable, "No identity of this machine may use the store; sign in, for instance with: az login"),
        StoreException e => (ExitCodes.Unreachable, Cell.OneLine(e.Message)),
        EventDecodeException e => (ExitCodes.Fault, Cell.OneLine(e.Message)),
        CommitFormatException e => (ExitCodes.Fault, Cell.OneLine(e.Message)),
        IOException or UnauthorizedAccessException => (ExitCodes.Usage, Cell.OneLine(exception.Message)),
        OperationCanceledException or TimeoutException => (ExitCodes.Unreachable, "The target did not answer in time."),
        _ => (ExitCodes.Fault, $"{exception.GetType().Name}: {Cell.OneLine(exception.Message)}"),
    };
}
