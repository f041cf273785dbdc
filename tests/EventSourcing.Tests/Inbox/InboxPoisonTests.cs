using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Tests;

/// <summary>A command that can never be done ends, and no other one waits for it.</summary>
public sealed class InboxPoisonTests
{
    private static readonly Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> Fussy = new()
    {
        Category = "purse",
        Initial = Purse.Definition.Initial,
        Decide = (command, state) => command is Jotting or Picky ? Decision<PurseEvent, PurseRejection>.Accept(new Labelled("noted")) : Purse.Decide(command, state),
        Evolve = Purse.Evolve,
        Events = Purse.Codec,
        Commands = new() { { "add", PurseJson.Default.Add }, { "jot", FussyJson.Default.Jotting }, { "picky", FussyJson.Default.Picky } },
        Describe = Purse.Definition.Describe,
        StateJson = PurseJson.Default.PurseState,
    };

    private readonly InboxWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("jot", """{"data":{"n":1e400}}""")]
    [InlineData("picky", """{"amount":13}""")]
    public async Task It_is_settled_and_the_others_go_on(string command, string body)
    {
        InboxCommand model = await world.AddAsync("c1", new Add(1), purse: "b");
        await world.Inbox.TryAddAsync(
            model with { Stream = Purse.Stream("a"), CommandId = "c2", CommandType = command, CommandData = Encoding.UTF8.GetBytes(body) }, Cancellation);
        await world.AddAsync("c3", new Add(1), purse: "a");

        await world.RunAsync(world.Host(purse: Fussy));

        Assert.Equal(InboxStatus.Accepted, (await world.FindAsync("c1", "b")).Status);
        Assert.Contains((await world.FindAsync("c2", "a")).Status, new[] { InboxStatus.Failed, InboxStatus.Rejected });
        Assert.Equal(InboxStatus.Accepted, (await world.FindAsync("c3", "a")).Status);
    }

    [Fact]
    public async Task An_item_that_can_t_be_read_is_passed_over_and_reported()
    {
        await world.AddAsync("c1", new Add(1));
        await world.AddAsync("c2", new Add(1));

        InboxResult result = await world.Host(inbox: new UnreadableItem(world.Inbox, "c1")).HandleAsync(world.Changes(), Cancellation);

        InboxFailure failure = Assert.Single(result.Failures);
        Assert.Equal(("c1", typeof(JsonException)), (failure.CommandId, failure.Error.GetType()));
        await world.RunAsync(world.Host(inbox: new UnreadableItem(world.Inbox, "c1")));
        Assert.Equal(["c1 Pending", "c2 Accepted"], await world.StatusesAsync("c1", "c2"));
    }

    [Fact]
    public async Task A_fault_of_the_store_with_one_stream_does_not_keep_forty_others_waiting()
    {
        await world.AddAsync("bad", new Add(1), purse: "bad");
        for (int i = 0; i < 40; i++)
        {
            await world.AddAsync($"c{i}", new Add(1), purse: $"{i}");
        }

        await Assert.ThrowsAsync<TimeoutException>(
            () => world.Host(inbox: new UnreadableItem(world.Inbox, "bad", new TimeoutException())).HandleAsync(world.Changes(), Cancellation));

        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(InboxStatus.Accepted, (await world.FindAsync($"c{i}", $"{i}")).Status);
        }
    }

    private sealed class UnreadableItem(IInboxStore inner, string id, Exception? error = null) : IInboxStore
    {
        public Task<InboxAdd> TryAddAsync(InboxCommand command, CancellationToken cancellationToken) => inner.TryAddAsync(command, cancellationToken);

        public Task<InboxCommand?> ReadAsync(StreamName stream, string asked, CancellationToken cancellationToken) =>
            asked == id ? throw error ?? new JsonException("not a command") : inner.ReadAsync(stream, asked, cancellationToken);

        public Task<bool> TrySettleAsync(InboxCommand command, InboxOutcome outcome, TimeSpan keep, CancellationToken cancellationToken) =>
            inner.TrySettleAsync(command, outcome, keep, cancellationToken);

        public Task<NewestPage<InboxCommand>> ReadNewestAsync(InboxStatus status, NewestQuery query, CancellationToken cancellationToken) =>
            inner.ReadNewestAsync(status, query, cancellationToken);

        public Task<InboxPage> ReadChangesAsync(StreamName stream, string position, int maxChanges, CancellationToken cancellationToken) =>
            inner.ReadChangesAsync(stream, position, maxChanges, cancellationToken);

        public Task<InboxBacklog?> ReadBacklogAsync(StreamName stream, CancellationToken cancellationToken) => inner.ReadBacklogAsync(stream, cancellationToken);

        public Task<bool> TryWriteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken) =>
            inner.TryWriteBacklogAsync(backlog, cancellationToken);

        public Task<bool> TryDeleteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken) =>
            inner.TryDeleteBacklogAsync(backlog, cancellationToken);
    }
}

/// <summary>A command with a member of any shape.</summary>
public sealed record Jotting(JsonElement Data) : PurseCommand;

/// <summary>A command whose constructor throws.</summary>
public sealed record Picky(int Amount) : PurseCommand
{
    public int Amount { get; init; } = Amount != 13 ? Amount : throw new InvalidOperationException("unlucky");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(Jotting))]
[JsonSerializable(typeof(Picky))]
internal sealed partial class FussyJson : JsonSerializerContext;
