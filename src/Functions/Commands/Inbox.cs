using System.Globalization;
using System.Net;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Commands;

/// <summary>Takes commands for later, and says where they stand.</summary>
public sealed class Inbox(IInboxStore inbox, IEventStore store, TimeProvider time)
{
    private const string Preference = "respond-async";

    /// <summary>Whether the client would rather have 202 now than wait for the outcome (RFC 7240). Other preferences are not looked at.</summary>
    public static bool IsPreferred(HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Header("Prefer") is { } preferences
            && preferences.Split(',').Any(p => p.Split(';')[0].Trim().Equals(Preference, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// Stores a command that is valid as far as that can be told without its stream. A command that is there already is answered
    /// like the first time.
    /// </summary>
    internal async Task<HttpResponseData> TakeAsync(
        HttpRequestData request, IAggregateEndpoint aggregate, StreamName stream, string command, ReadOnlyMemory<byte> body,
        CommandContext context, CancellationToken cancellationToken)
    {
        if (!aggregate.TryRead(command, body, out ReadOnlyMemory<byte> stored, out IReadOnlyList<ValidationError> errors))
        {
            return await request.ProblemAsync(CommandProblems.Of(new CommandOutcome.Invalid(stream, errors), body.Span));
        }
        InboxCommand item = new()
        {
            Stream = stream,
            CommandId = context.CommandId,
            CommandType = command,
            CommandData = stored,
            ExpectedVersion = context.ExpectedVersion,
            Actor = context.Actor,
            ActorName = context.ActorName,
            CorrelationId = context.CorrelationId ?? context.CommandId,
            TraceParent = context.TraceParent,
            ReceivedAt = time.GetUtcNow(),
        };
        InboxAdd add = await inbox.TryAddAsync(item, cancellationToken);
        if (!add.IsAdded && await inbox.ReadAsync(stream, item.Id, cancellationToken) is { } first)
        {
            if (!IsSame(aggregate, first, item.CommandId, item.CommandType, item.CommandData))
            {
                return await request.ProblemAsync(CommandProblems.Of(
                    new CommandOutcome.CommandIdReused(stream, item.CommandId, first.CommandType, add.RequestCharge), body.Span));
            }
            item = first;
        }
        HttpResponseData response = await request.JsonAsync(
            HttpStatusCode.Accepted, InboxAnswer.Of(item), ApiJson.Relaxed.InboxAnswer, cancellationToken);
        response.Headers.Add("Preference-Applied", Preference);
        response.Headers.Add("Location", $"{StreamAddress(request)}/commands/{item.Id}");
        response.Headers.Add("Retry-After", RetryAfter);
        response.AddRequestCharge(add.RequestCharge);
        return response;
    }

    /// <summary>
    /// Where a command stands; null when there is none. A commit of the command counts for more than the outcome on record: the same
    /// command may have been sent directly after it was refused here, or committed by a host that died before it could say so.
    /// </summary>
    internal async Task<InboxAnswer?> FindAsync(IAggregateEndpoint aggregate, StreamName stream, string id, CancellationToken cancellationToken)
    {
        if (await inbox.ReadAsync(stream, id, cancellationToken) is not { } item)
        {
            return null;
        }
        if (item.Outcome is not { } outcome)
        {
            return InboxAnswer.Of(item);
        }
        Commit? commit = outcome.FirstVersion is { } version
            ? await ReadCommitAsync(stream, version, cancellationToken)
            : await FindCommitAsync(aggregate, item, cancellationToken);
        return commit is null && outcome.Status != InboxStatus.Accepted ? InboxAnswer.Of(item) : InboxAnswer.Of(item, outcome, commit);
    }

    internal static string RetryAfter { get; } = HttpLimits.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);

    private async Task<Commit?> ReadCommitAsync(StreamName stream, long firstVersion, CancellationToken cancellationToken)
    {
        await foreach (Commit commit in store.ReadAsync(stream, firstVersion, cancellationToken))
        {
            return commit;
        }
        return null;
    }

    /// <summary>The end of the stream is read with the commit of the command, and it is short when asked for from the head.</summary>
    private async Task<Commit?> FindCommitAsync(IAggregateEndpoint aggregate, InboxCommand item, CancellationToken cancellationToken)
    {
        StreamHead head = await store.ReadHeadAsync(item.Stream, cancellationToken);
        Commit? commit = (await store.ReadTailAsync(head, item.CommandId, cancellationToken)).Duplicate;
        return commit is not null && IsSame(aggregate, item, item.CommandId, commit.Metadata.CommandType, commit.Metadata.CommandData) ? commit : null;
    }

    private static bool IsSame(IAggregateEndpoint aggregate, InboxCommand first, string commandId, string commandType, ReadOnlyMemory<byte> commandData) =>
        first.CommandId == commandId && first.CommandType == commandType && aggregate.IsSame(commandType, first.CommandData, commandData);

    // The stream's own address, whatever prefix and proxies are in front of it.
    private static string StreamAddress(HttpRequestData request)
    {
        string path = request.Url.AbsolutePath.TrimEnd('/');
        return path[..path.LastIndexOf('/')];
    }
}
