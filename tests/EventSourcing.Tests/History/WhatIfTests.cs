using System.Text;
using Microsoft.Extensions.Time.Testing;
using PurseAggregate = Serverless.EventSourcing.Aggregate<
    Serverless.EventSourcing.Tests.PurseCommand, Serverless.EventSourcing.Tests.PurseState,
    Serverless.EventSourcing.Tests.PurseEvent, Serverless.EventSourcing.Tests.PurseRejection>;
using PurseDecision = Serverless.EventSourcing.Decision<Serverless.EventSourcing.Tests.PurseEvent, Serverless.EventSourcing.Tests.PurseRejection>;

namespace Serverless.EventSourcing.Tests;

/// <summary>A category of purses whose commands were decided an hour apart, decided again page by page.</summary>
public sealed class WhatIfTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private static readonly PurseAggregate NobodyTakes = Purse.With(snapshots: null, (command, state) =>
        command is Take ? PurseDecision.Reject(PurseRejection.NotEnough) : Purse.Decide(command, state));

    private static readonly PurseAggregate EverybodyTakes = Purse.With(snapshots: null, (command, state) =>
        command is Take c ? PurseDecision.Accept(new Taken(c.Amount)) : Purse.Decide(command, state));

    private readonly InMemoryEventStore store = new();
    private readonly FakeTimeProvider time = new(Nine);
    private readonly InMemoryRefusedCommandStore refused;
    private readonly RefusedCommandRecorder recorder;
    private readonly IAggregateEndpoint old;
    private int sent;

    public WhatIfTests()
    {
        refused = new InMemoryRefusedCommandStore(time);
        recorder = new RefusedCommandRecorder(refused, new RefusedCommandOptions(), time, (_, fault) => Assert.Fail(fault.ToString()));
        old = new BoundedContext().Add(Purse.Definition).Bind(store, time, new CommandHandlerOptions(), recorder)["purse"];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => recorder.Dispose();

    [Fact]
    public async Task A_category_is_counted_by_command_policy_and_verdict()
    {
        await SendAsync("b", "add 5", "take 3", "take 9");
        await SendAsync("a", "add 1", "add 2");

        WhatIfPage page = await PageAsync(NobodyTakes);

        Assert.Equal((2, 4, 1), (page.Streams, page.Commits, page.Refused));
        Assert.Equal(
            [new WhatIfCount("add", "1", Verdict.Same, 3), new WhatIfCount("take", "1", Verdict.Same, 1), new WhatIfCount("take", "1", Verdict.NowRejected, 1)],
            page.Counts);
        Assert.Equal("purse-b 1 NowRejected", Assert.Single(Told(page)));
        Assert.Null(page.Continuation);
        Assert.Empty(page.Unreadable);
    }

    [Fact]
    public async Task Accepted_becomes_refused_and_refused_becomes_accepted()
    {
        await SendAsync("a", "take 1", "add 5", "take 9", "take 3");

        Assert.Equal(["purse-a 1 NowRejected"], Told(await PageAsync(NobodyTakes)));
        Assert.Equal(["purse-a 0 NowAccepted", "purse-a 1 NowAccepted"], Told(await PageAsync(EverybodyTakes)));
    }

    [Fact]
    public async Task A_stream_that_has_nothing_but_refusals_is_among_them()
    {
        await SendAsync("b", "take 1", "take 2");
        await SendAsync("c", "add 5");
        await SendAsync("a", "take 1", "add 5");

        WhatIfPage page = await PageAsync(EverybodyTakes);

        Assert.Equal((3, 2, 3), (page.Streams, page.Commits, page.Refused));
        Assert.Equal(["purse-a 0 NowAccepted", "purse-b 0 NowAccepted", "purse-b 0 NowAccepted"], Told(page));
    }

    [Fact]
    public async Task One_stream_can_be_asked_for()
    {
        await SendAsync("a", "add 5", "take 3");
        await SendAsync("b", "add 5", "take 3");

        WhatIfPage page = await PageAsync(NobodyTakes, Query with { Stream = Purse.Stream("b") });

        Assert.Equal((1, 2), (page.Streams, page.Commits));
        Assert.Equal(["purse-b 1 NowRejected"], Told(page));
    }

    [Theory]
    [InlineData(null, null, "1 2 3 4")]
    [InlineData(60, null, "2 3 4")] // From is included,
    [InlineData(null, 60, "1")] // and to is not, so that periods follow each other.
    [InlineData(60, 180, "2 3")]
    [InlineData(181, null, "")]
    [InlineData(-60, 0, "")] // Before the stream.
    public async Task Of_a_period_only_its_decisions_count_each_on_the_state_of_its_time(int? from, int? to, string taken)
    {
        await SendAsync("a", "add 100");
        foreach (int amount in (int[])[1, 2, 3, 4])
        {
            await SendAsync("a", $"take {amount}");
            time.Advance(TimeSpan.FromHours(1));
        }

        WhatIfPage page = await PageAsync(NobodyTakes, Query with { From = At(from), To = At(to) });

        Assert.Equal(taken, string.Join(' ', page.Different.Select(d => Amount(d.Past))));
    }

    [Fact]
    public async Task A_refusal_counts_in_the_period_it_was_made_in()
    {
        await SendAsync("a", "add 5");
        time.Advance(TimeSpan.FromHours(1));
        await SendAsync("a", "take 9");
        time.Advance(TimeSpan.FromHours(1));
        await SendAsync("a", "take 8");

        Assert.Equal((0, 1), await CountAsync(60, 120));
        Assert.Equal((0, 1), await CountAsync(120, null));
        Assert.Equal((1, 0), await CountAsync(null, 60));

        async Task<(long, long)> CountAsync(int? from, int? to)
        {
            WhatIfPage page = await PageAsync(Purse.Definition, Query with { From = At(from), To = At(to) });
            return (page.Commits, page.Refused);
        }
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 100)]
    [InlineData(3, 100)]
    [InlineData(100, 1)]
    [InlineData(100, 2)]
    [InlineData(7, 2)]
    public async Task Pages_of_any_size_have_every_decision_once(int decisions, int differences)
    {
        await SendAsync("a", "take 1", "take 2", "add 5", "take 3", "take 9", "add 1", "take 1");
        await SendAsync("b", "take 4");
        await SendAsync("c", "add 5", "take 6", "take 1");
        WhatIfPage whole = await PageAsync(EverybodyTakes);

        List<WhatIfPage> pages = await PagesAsync(EverybodyTakes, new WhatIfLimits { MaxDecisions = decisions, MaxDifferences = differences });

        Assert.True(pages.Count > 1);
        Assert.Equal(Told(whole), pages.SelectMany(Told));
        Assert.Equal((whole.Streams, whole.Commits, whole.Refused), (pages.Sum(p => p.Streams), pages.Sum(p => p.Commits), pages.Sum(p => p.Refused)));
        Assert.All(pages, p => Assert.True(p.Different.Count <= differences && p.Commits + p.Refused <= decisions));
    }

    [Fact]
    public async Task What_is_refused_or_begun_between_two_pages_neither_repeats_nor_hides_anything()
    {
        await SendAsync("b", "take 1", "add 5", "take 9");
        WhatIfPage first = await PageAsync(EverybodyTakes, limits: new WhatIfLimits { MaxDecisions = 2 });

        await SendAsync("a", "take 1"); // Before the place where it goes on,
        await SendAsync("c", "take 1"); // and behind it.
        List<WhatIfPage> rest = await PagesAsync(EverybodyTakes, new WhatIfLimits { MaxDecisions = 2 }, first.Continuation);

        Assert.Equal(["purse-b 0 NowAccepted", "purse-b 1 NowAccepted", "purse-c 0 NowAccepted"], [.. Told(first), .. rest.SelectMany(Told)]);
    }

    [Fact]
    public async Task A_page_ends_when_its_time_is_over_and_always_comes_further()
    {
        await SendAsync("a", "add 5", "take 1", "take 1");
        PurseAggregate slow = Purse.With(snapshots: null, (command, state) =>
        {
            time.Advance(TimeSpan.FromSeconds(6));
            return Purse.Decide(command, state);
        });

        List<WhatIfPage> pages = await PagesAsync(slow, new WhatIfLimits { MaxTime = TimeSpan.FromSeconds(10) });
        Assert.Equal([2, 1], pages.Select(p => p.Commits));

        pages = await PagesAsync(slow, new WhatIfLimits { MaxTime = TimeSpan.FromSeconds(1) });
        Assert.Equal([1, 1, 1], pages.Select(p => p.Commits));
    }

    [Fact]
    public async Task A_page_ends_when_its_differences_are_large()
    {
        await SendAsync("a", "add 5", "take 1", "take 1", "take 1");

        Assert.Equal([1, 1, 1], (await PagesAsync(NobodyTakes, new WhatIfLimits { MaxBytes = 1 })).Select(p => p.Different.Count));
    }

    [Fact]
    public async Task A_stream_that_can_not_be_folded_is_named_and_the_others_go_on()
    {
        await SendAsync("a", "add 5", "take 1");
        await SendAsync("b", "add 5", "label worn", "take 1", "take 1");
        await SendAsync("c", "add 5", "take 1");
        PurseAggregate broken = With(evolve: (state, e) => e is Taken && state.Label == "worn"
            ? throw new InvalidOperationException("No fold.")
            : Purse.Evolve(state, e));

        WhatIfPage page = await PageAsync(broken);

        UnreadableStream unreadable = Assert.Single(page.Unreadable);
        Assert.Equal(Purse.Stream("b"), unreadable.Stream);
        Assert.Contains("No fold.", unreadable.Detail, StringComparison.Ordinal);
        // Two of a and of c; of b the three that could be come to, one of which can't be decided, since its events can't be folded.
        Assert.Equal((3, 7), (page.Streams, page.Commits));
        Assert.Equal(["purse-b 2 Undecidable"], Told(page));
    }

    [Fact]
    public async Task A_continuation_of_another_question_is_refused()
    {
        await SendAsync("a", "add 5", "take 1");
        string? continuation = (await PageAsync(NobodyTakes, limits: new WhatIfLimits { MaxDecisions = 1 })).Continuation;

        Assert.NotNull(continuation);
        foreach (WhatIfQuery other in (WhatIfQuery[])[Query with { From = Nine }, Query with { To = Nine }, Query with { Stream = Purse.Stream("a") }])
        {
            await Assert.ThrowsAsync<InvalidContinuationException>(() => WhatIf(NobodyTakes).ReadPageAsync(other, new(), continuation, Token));
        }
        await Assert.ThrowsAsync<InvalidContinuationException>(() => WhatIf(NobodyTakes).ReadPageAsync(Query, new(), "nonsense", Token));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => WhatIf(NobodyTakes).ReadPageAsync(new() { Category = "coat" }, new(), null, Token));
    }

    [Fact]
    public async Task Nothing_is_written()
    {
        await SendAsync("a", "take 1", "add 5");
        await PageAsync(EverybodyTakes);

        Assert.Equal(1, (await store.ReadHeadAsync(Purse.Stream("a"), Token)).Version);
        Assert.Single(await refused.ReadAsync(Purse.Stream("a"), null, Token).ToListAsync(Token));
    }

    private static WhatIfQuery Query { get; } = new() { Category = "purse" };

    private static DateTimeOffset? At(int? minutesAfterNine) => minutesAfterNine is { } minutes ? Nine.AddMinutes(minutes) : null;

    private static int Amount(PastDecision decision) =>
        System.Text.Json.JsonDocument.Parse(decision.Metadata.CommandData).RootElement.GetProperty("amount").GetInt32();

    private static PurseAggregate With(Func<PurseState, PurseEvent, PurseState> evolve) => new()
    {
        Category = "purse",
        Initial = Purse.Definition.Initial,
        Decide = Purse.Decide,
        Evolve = evolve,
        Events = Purse.Codec,
        Commands = Purse.Definition.Commands,
        StateJson = Purse.Definition.StateJson,
        Describe = _ => Purse.NotEnough,
    };

    private static IEnumerable<string> Told(WhatIfPage page) => page.Different.Select(d => $"{d.Past.Stream} {d.Past.Version} {d.Verdict}");

    /// <summary>Sends commands such as <c>add 5</c> under the old rules.</summary>
    private async Task SendAsync(string stream, params string[] commands)
    {
        foreach (string[] words in commands.Select(c => c.Split(' ')))
        {
            byte[] body = Encoding.UTF8.GetBytes(words[0] == "label" ? $$"""{"text":"{{words[1]}}"}""" : $$"""{"amount":{{words[1]}}}""");
            await old.ExecuteAsync(Purse.Stream(stream), words[0], body, new CommandContext { CommandId = $"{sent++:D4}", Actor = "test" }, Token);
        }
    }

    private WhatIf WhatIf(PurseAggregate aggregate) =>
        new(new BoundedContext().Add(aggregate).Bind(store, time, new CommandHandlerOptions()), store, refused, time);

    private Task<WhatIfPage> PageAsync(PurseAggregate aggregate, WhatIfQuery? query = null, WhatIfLimits? limits = null) =>
        WhatIf(aggregate).ReadPageAsync(query ?? Query, limits ?? new(), continuation: null, Token);

    private async Task<List<WhatIfPage>> PagesAsync(PurseAggregate aggregate, WhatIfLimits limits, string? continuation = null)
    {
        List<WhatIfPage> pages = [];
        do
        {
            pages.Add(await WhatIf(aggregate).ReadPageAsync(Query, limits, continuation, Token));
            continuation = pages[^1].Continuation;
        }
        while (continuation is not null);
        return pages;
    }
}
