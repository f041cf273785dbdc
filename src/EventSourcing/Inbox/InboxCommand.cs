using System.Security.Cryptography;
using System.Text;

namespace Serverless.EventSourcing;

/// <summary>A command that was accepted for later, and what came of it. Mirrors stored data.</summary>
public sealed record InboxCommand
{
    private const int HashBytes = 16;

    public required StreamName Stream { get; init; }

    /// <summary>The same id means the same command, here and where commands are sent directly.</summary>
    public required string CommandId { get; init; }

    /// <summary>The registered name of the command, such as <c>deposit</c>.</summary>
    public required string CommandType { get; init; }

    /// <summary>The command as UTF-8 JSON, in the form in which commits keep it.</summary>
    public required ReadOnlyMemory<byte> CommandData { get; init; }

    /// <summary>The version that the stream is to have when the command is decided; null when any will do.</summary>
    public long? ExpectedVersion { get; init; }

    /// <inheritdoc cref="CommitMetadata.Actor"/>
    public required string Actor { get; init; }

    /// <inheritdoc cref="CommitMetadata.ActorName"/>
    public string? ActorName { get; init; }

    public required string CorrelationId { get; init; }

    /// <summary>W3C <c>traceparent</c> of the request that brought the command.</summary>
    public string? TraceParent { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Null while it waits.</summary>
    public InboxOutcome? Outcome { get; init; }

    /// <summary>Whether somebody else wrote it than a program with the keys of this inbox. It is never executed.</summary>
    public bool IsForged { get; init; }

    public string? ETag { get; init; }

    public InboxStatus Status => Outcome?.Status ?? InboxStatus.Pending;

    /// <summary>What <see cref="IdOf"/> makes of <see cref="CommandId"/>.</summary>
    public string Id => IdOf(CommandId);

    /// <summary>
    /// The name of a command inside the inbox of its stream, fit for addresses and for ids of items: the command id itself where it
    /// is, its hash behind a tilde where not.
    /// </summary>
    public static string IdOf(string commandId)
    {
        ArgumentNullException.ThrowIfNull(commandId);
        return commandId.Length <= Limits.MaxCommandIdLength && commandId is not ("." or "..") && commandId is [not '~', ..] && commandId.All(IsUnreserved)
            ? commandId
            : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(commandId)).AsSpan(0, HashBytes));
    }

    /// <summary>Whether <see cref="IdOf"/> could have made this.</summary>
    public static bool IsId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return IdOf(id) == id || (id.Length == 1 + HashBytes * 2 && id[0] == '~' && id.Skip(1).All(char.IsAsciiHexDigitLower));
    }

    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '~' or '-';
}

public enum InboxStatus
{
    /// <summary>It waits for its turn.</summary>
    Pending,

    /// <summary>Done; the stream has its events, if there were any.</summary>
    Accepted,

    /// <summary>It was decided, and the answer was no.</summary>
    Rejected,

    /// <summary>It could not be decided however often it was tried.</summary>
    Failed,
}

/// <summary>What came of a command. Mirrors stored data.</summary>
public sealed record InboxOutcome
{
    /// <summary>The code of a command that was not executed because it is not authentic.</summary>
    public const string ForgedCode = "command-not-authentic";

    /// <summary>What became of a forged command.</summary>
    public static InboxOutcome Forged(DateTimeOffset decidedAt) => new()
    {
        Status = InboxStatus.Failed,
        DecidedAt = decidedAt,
        Reason = new Rejection(ForgedCode, "The command was not written by this app, or it was changed afterwards. It was not executed."),
    };

    public required InboxStatus Status { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>The version of the stream after the command, or the one on which it was refused; null where it was not looked at.</summary>
    public long? Version { get; init; }

    /// <summary>The version of the first event of its commit; null when there was nothing to write.</summary>
    public long? FirstVersion { get; init; }

    /// <summary>The command had been done before, for instance directly.</summary>
    public bool WasRepeated { get; init; }

    /// <summary>Why it was not accepted: a stable code, and a sentence.</summary>
    public Rejection? Reason { get; init; }

    /// <summary>In request units: what deciding and writing cost.</summary>
    public double RequestCharge { get; init; }
}
