using Microsoft.Extensions.Time.Testing;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;
using Serverless.Functions.Views;

namespace Serverless.Functions.Tests.Views;

public sealed class SeenTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Theory]
    [InlineData("account-summary/{0}")]
    [InlineData("account-statement/{0}")]
    [InlineData("account-statement/{0}/entries")]
    [InlineData("customer-portfolio/ada")]
    [InlineData("bank-totals/2026-11-23.EUR")]
    public async Task A_view_that_has_come_that_far_answers_at_once(string view)
    {
        string id = await system.OpenAccountAsync(minorUnits: 1);
        await system.ProjectAsync(id);

        Assert.Equal(200, (await system.GetAsync($"views/{string.Format(view, id)}?seen=account-{id}:2")).Status);
    }

    [Fact]
    public async Task A_query_waits_until_the_view_has_come_that_far()
    {
        string id = await system.OpenAccountAsync();
        await system.ProjectAsync(id);
        await system.DepositAsync(id, 1250);

        Task<Answer> pending = system.GetAsync($"views/account-summary/{id}?seen=account-{id}:2");
        await system.ProjectAsync(id);
        Answer answer = await system.LetTimePassAsync(pending);

        Assert.Equal((200, 1250), (answer.Status, (int)answer.Json["data"]!["balance"]!["minorUnits"]!));
    }

    [Theory]
    [InlineData("account-summary/{0}", 1)]
    [InlineData("account-statement/{0}/entries", 1)]
    [InlineData("bank-totals/2026-11-23.EUR", 1)]
    [InlineData("customer-portfolio/somebody-else", 0)]
    public async Task A_view_that_does_not_come_that_far_in_time_says_how_far_it_is(string view, int version)
    {
        string id = await system.OpenAccountAsync();
        await system.ProjectAsync(id);

        Answer answer = await system.LetTimePassAsync(system.GetAsync($"views/{string.Format(view, id)}?seen=account-{id}:2"));

        answer.MustBeProblem(202, "view-behind");
        Assert.Equal(
            (version, 2, $"account-{id}", "1"),
            ((int)answer.Json["version"]!, (int)answer.Json["wantedVersion"]!, (string?)answer.Json["stream"], answer.Header("Retry-After")));
    }

    [Fact]
    public async Task A_view_that_has_parked_the_stream_says_so_instead_of_asking_for_another_try()
    {
        string id = await system.OpenAccountAsync();
        await system.ProjectAsync(id);
        await system.Parked.TryWriteAsync(
            new ParkedStream
            {
                Consumer = "account-summary@1",
                Stream = $"account-{id}",
                Status = ParkedStatus.Parked,
                FromVersion = 2,
                ThroughVersion = 2,
                Error = "InvalidOperationException: unlucky",
                Attempts = 5,
                FirstFailedAt = TestSystem.Now,
                LastFailedAt = TestSystem.Now,
            },
            TestContext.Current.CancellationToken);

        Answer answer = await system.LetTimePassAsync(system.GetAsync($"views/account-summary/{id}?seen=account-{id}:2"));

        answer.MustBeProblem(409, "view-parked");
        Assert.Equal(
            $"'account-summary' has seen account-{id} up to version 1, not yet 2. The stream is parked at version 2: an operator has to retry or discard it.",
            (string?)answer.Json["detail"]);
        Assert.Null(answer.Header("Retry-After"));
        (await system.LetTimePassAsync(system.GetAsync($"views/account-statement/{id}?seen=account-{id}:2"))).MustBeProblem(202, "view-behind");
    }

    [Fact]
    public async Task The_token_that_a_command_answers_is_what_a_query_takes()
    {
        string id = await system.OpenAccountAsync();
        string token = (string)(await system.DepositAsync(id, 1250)).Json["token"]!;
        await system.ProjectAsync(id);

        Answer answer = await system.GetAsync($"views/account-summary/{id}?seen={Uri.EscapeDataString(token)}");

        Assert.Equal(($"account-{id}:2", 200, 2), (token, answer.Status, (int)answer.Json["seen"]![$"account-{id}"]!));
    }

    [Theory]
    [InlineData("seen=account-{0}:1,account-{1}:2")]
    [InlineData("seen=account-{0}:1&seen=account-{1}:2")]
    public async Task A_view_of_several_streams_waits_for_the_slowest(string query)
    {
        string owner = $"owner-{Guid.NewGuid():N}";
        string first = await system.OpenAccountAsync(owner: owner);
        string second = await system.OpenAccountAsync(owner: owner);
        await system.ProjectAsync(first);
        await system.ProjectAsync(second);
        string address = $"views/customer-portfolio/{owner}?{string.Format(query, first, second)}";

        Answer behind = await system.LetTimePassAsync(system.GetAsync(address));
        await system.DepositAsync(second, 1);
        await system.ProjectAsync(second);
        Answer seen = await system.GetAsync(address);

        behind.MustBeProblem(202, "view-behind");
        Assert.Equal((1, 2, $"account-{second}"), ((int)behind.Json["version"]!, (int)behind.Json["wantedVersion"]!, (string?)behind.Json["stream"]));
        Assert.Equal((200, 2), (seen.Status, (int)seen.Json["seen"]![$"account-{second}"]!));
    }

    [Fact]
    public async Task Totals_say_how_far_the_streams_are_in_that_were_asked_for()
    {
        string id = await system.OpenAccountAsync(minorUnits: 1);
        await system.ProjectAsync(id);

        Answer answer = await system.GetAsync($"views/bank-totals/2026-11-23.EUR?seen=account-{id}:1");

        Assert.Equal(2, (int)answer.Json["seen"]![$"account-{id}"]!);
    }

    [Fact]
    public async Task More_tokens_than_a_query_may_have_answer_400() =>
        (await system.GetAsync($"views/account-summary/1?seen={string.Join(',', Enumerable.Range(1, 11).Select(i => $"account-{i}:1"))}"))
            .MustBeProblem(400, "invalid-request").WithError("seen", "It names 11 streams; 10 are possible.");

    [Theory]
    [InlineData("account-1")]
    [InlineData("account:1")]
    [InlineData("account-1:")]
    [InlineData("account-1:0")]
    [InlineData("account-1:x")]
    [InlineData("account-a b:1")]
    [InlineData("")]
    [InlineData("account-1:1,")]
    public async Task What_is_no_stream_with_a_version_answers_400(string seen) =>
        (await system.GetAsync($"views/account-summary/1?seen={Uri.EscapeDataString(seen)}")).MustBeProblem(400, "invalid-request")
            .WithError("seen", "It is a stream and its version, such as account-7f3a:12.");

    [Fact]
    public async Task A_stream_that_does_not_feed_the_view_answers_400() =>
        (await system.GetAsync("views/account-summary/1?seen=loan-1:1")).MustBeProblem(400, "invalid-request")
            .WithError("seen", "'account-summary' is not fed by 'loan'.");

    [Theory]
    [InlineData("account-summary/a%3Fb")]
    [InlineData("bank-totals/a%3Fb")]
    [InlineData("bank-totals/a%23b")]
    [InlineData("bank-totals/view")]
    public async Task A_key_that_no_view_can_have_answers_404(string path) =>
        (await system.GetAsync($"views/{path}")).MustBeProblem(404, "unknown-view-key");

    [Fact]
    public async Task The_marker_of_a_stream_beside_totals_is_nothing_to_a_client()
    {
        string id = await system.OpenAccountAsync();
        await system.ProjectAsync(id);

        (await system.GetAsync($"views/bank-totals/seen~account-{id}")).MustBeProblem(404, "unknown-view-key");
    }

    [Fact]
    public async Task Only_so_many_queries_wait_and_the_next_is_answered_at_once()
    {
        FakeTimeProvider time = new(TestSystem.Now);
        ViewReader reader = new(new InMemoryViewStore(), new InMemoryParkedStore(), time);
        IProjection summary = BankingContext.Create().Projections.First(p => p.Name == "account-summary");
        Task<ViewLook> Read() => reader.ReadAsync(
            new ServedProjection(summary, summary.Version, IsBuilding: false), "7", [new SeenVersion(StreamName.Create("account", "7"), 1)], TestContext.Current.CancellationToken);
        Task<ViewLook>[] waiting = [.. Enumerable.Range(0, HttpLimits.MaxWaitingQueries).Select(_ => Read())];

        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        ProblemException next = await Assert.ThrowsAsync<ProblemException>(Read);
        Assert.Equal("view-behind", next.Problem.Kind.Name);

        while (waiting.Any(w => !w.IsCompleted))
        {
            time.Advance(HttpLimits.LongestLookAtView);
            await Task.Yield();
        }
        Assert.All(waiting, w => Assert.IsType<ProblemException>(w.Exception?.InnerException));
    }
}
