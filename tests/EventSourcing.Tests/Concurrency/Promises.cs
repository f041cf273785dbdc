using System.Text;
using System.Text.Json;
using PurseAggregate = Serverless.EventSourcing.Aggregate<
    Serverless.EventSourcing.Tests.PurseCommand,
    Serverless.EventSourcing.Tests.PurseState,
    Serverless.EventSourcing.Tests.PurseEvent,
    Serverless.EventSourcing.Tests.PurseRejection>;

namespace Serverless.EventSourcing.Tests;

/// <summary>What the command handler promises, checked against what is stored in the end.</summary>
internal static class Promises
{
    public static void Check(InMemoryEventStore store, PurseAggregate purse, IReadOnlyList<Attempt> attempts, CommandHandlerOptions options)
    {
        foreach (IGrouping<StreamName, Attempt> stream in attempts.GroupBy(a => a.Stream))
        {
            Commit[] commits = [.. Load(store, stream.Key)];
            CheckStream(commits, [.. stream]);
            CheckSnapshot(store, purse, stream.Key, commits);
            foreach (Attempt attempt in stream.Where(a => a.Outcome is not null))
            {
                Assert.True(
                    attempt.Outcome!.StreamVersion is not { } version || version >= attempt.VersionBefore || IsRepeated(attempt.Outcome),
                    "An answer speaks of an older state than there was before the question.");
                CheckOutcome(purse, commits, attempt, attempt.Outcome!, options);
            }
        }
    }

    private static IReadOnlyList<Commit> Load(InMemoryEventStore store, StreamName stream)
    {
        Task<StreamTail> tail = store.ReadTailAsync(StreamHead.StartOf(stream), [], CancellationToken.None);
        Assert.True(tail.IsCompletedSuccessfully); // It is in memory.
        return tail.GetAwaiter().GetResult().Commits;
    }

    private static void CheckSnapshot(InMemoryEventStore store, PurseAggregate purse, StreamName stream, Commit[] commits)
    {
        Task<StreamLoad> load = store.LoadAsync(stream, purse.Snapshots, CancellationToken.None);
        Assert.True(load.IsCompletedSuccessfully); // It is in memory.
        if (load.GetAwaiter().GetResult().Snapshot is { } snapshot)
        {
            Assert.Equal(StateAt(purse, commits, snapshot.Version), JsonSerializer.Deserialize(snapshot.Data.Span, purse.StateJson));
        }
    }

    /// <summary>No gap, no command twice, and nothing that nobody sent.</summary>
    private static void CheckStream(Commit[] commits, Attempt[] attempts)
    {
        long version = 0;
        foreach (Commit commit in commits)
        {
            Assert.Equal(version + 1, commit.FirstVersion);
            version = commit.LastVersion;
            Attempt[] sent = [.. attempts.Where(a => a.Send.Id == commit.Metadata.CommandId)];
            Assert.NotEmpty(sent);
            int acknowledged = sent.Count(a => a.Outcome is CommandOutcome.Accepted { Commit: not null, WasRepeated: false });
            int lost = sent.Count(a =>
                a.Fault is { Fault: StoreFault.AfterEffect } fault && fault.Call.StartsWith("append", StringComparison.Ordinal));
            Assert.True(acknowledged == 1 || (acknowledged == 0 && lost > 0), $"'{commit.Metadata.CommandId}' was acknowledged {acknowledged} times.");
        }
        Assert.Equal(commits.Length, commits.DistinctBy(c => c.Metadata.CommandId).Count());
    }

    private static void CheckOutcome(PurseAggregate purse, Commit[] commits, Attempt attempt, CommandOutcome outcome, CommandHandlerOptions options)
    {
        Send send = attempt.Send;
        if (attempt.CommitBefore is not null && outcome is not CommandOutcome.Busy)
        {
            Assert.True(
                IsRepeated(outcome) || outcome is CommandOutcome.CommandIdReused, "A command that was committed before got another answer than its first.");
        }
        switch (outcome)
        {
            case CommandOutcome.Accepted { Commit: { } commit } accepted:
                Assert.Same(commit, commits.Single(c => c.Metadata.CommandId == send.Id));
                Assert.True(IsSameCommand(purse, send, commit));
                Assert.Equal(commit.LastVersion, accepted.Version);
                if (!accepted.WasRepeated)
                {
                    Assert.True(send.IfMatch is null || send.IfMatch == commit.FirstVersion - 1, "If-Match did not hold.");
                    Assert.Equal(
                        Decided(purse, commits, send, commit.FirstVersion - 1), commit.Events.Select(e => Encoding.UTF8.GetString(e.Data.Span)));
                }
                break;
            case CommandOutcome.Accepted nothing:
                Assert.False(nothing.WasRepeated);
                Assert.True(send.IfMatch is null || send.IfMatch == nothing.Version, "If-Match did not hold.");
                Assert.Equal([], Decided(purse, commits, send, nothing.Version));
                break;
            case CommandOutcome.Rejected rejected:
                Assert.True(send.IfMatch is null || send.IfMatch == rejected.Version, "If-Match did not hold.");
                Assert.Equal(["rejected"], Decided(purse, commits, send, rejected.Version));
                break;
            case CommandOutcome.WrongVersion wrong:
                Assert.Equal(send.IfMatch, wrong.Expected);
                Assert.NotEqual(wrong.Expected, wrong.Actual);
                Assert.True(wrong.Actual == 0 || commits.Any(c => c.LastVersion == wrong.Actual), "The stream never ended there.");
                break;
            case CommandOutcome.CommandIdReused reused:
                Commit first = commits.Single(c => c.Metadata.CommandId == send.Id);
                Assert.False(IsSameCommand(purse, send, first));
                Assert.Equal(first.Metadata.CommandType, reused.FirstCommandType);
                break;
            case CommandOutcome.Contended contended:
                Assert.Equal(options.MaxAttempts, contended.Attempts);
                break;
            case CommandOutcome.Busy busy:
                Assert.Equal(options.MaxQueuedPerStream, busy.QueueLimit);
                break;
            default:
                Assert.Fail($"{outcome} is no answer to a good command.");
                break;
        }
    }

    private static bool IsRepeated(CommandOutcome outcome) => outcome is CommandOutcome.Accepted { WasRepeated: true };

    private static bool IsSameCommand(PurseAggregate purse, Send send, Commit commit)
    {
        CommandShape shape = purse.Commands.ShapeOf(send.Command);
        return commit.Metadata.CommandType == shape.Name
            && Encoding.UTF8.GetString(commit.Metadata.CommandData.Span) == JsonSerializer.Serialize(send.Command, shape.Json);
    }

    private static IEnumerable<string> Decided(PurseAggregate purse, Commit[] commits, Send send, long version) =>
        purse.Decide(send.Command, StateAt(purse, commits, version)) switch
        {
            Decision<PurseEvent, PurseRejection>.Accepted accepted =>
                accepted.Events.Select(e => Encoding.UTF8.GetString(purse.Events.Encode(e).Data.Span)),
            _ => ["rejected"],
        };

    private static PurseState StateAt(PurseAggregate purse, Commit[] commits, long version)
    {
        Commit[] until = [.. commits.TakeWhile(c => c.LastVersion <= version)];
        Assert.Equal(version, until.Length == 0 ? 0 : until[^1].LastVersion); // A version between commits was never a state.
        return purse.Fold(purse.Initial(), until);
    }
}
