using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Streams;

public sealed class StreamTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Fact]
    public async Task The_state_is_the_fold_with_its_version()
    {
        string id = await system.OpenAccountAsync(minorUnits: 1250);

        Answer answer = await system.GetAsync($"account/{id}");

        answer.MustBe(200, $$$$"""
            {"stream":"account-{{{{id}}}}","version":2,
             "state":{"status":"open","balance":{"minorUnits":1250,"currency":"EUR"},"overdraftLimit":{"minorUnits":0,"currency":"EUR"},"freezeReason":null,"outgoingTransfers":{}}}
            """);
        Assert.Equal(("\"2\"", "2.83"), (answer.Header("ETag"), answer.Header("x-request-charge")));
        Assert.Equal("no-cache, private", answer.Header("Cache-Control"));
    }

    [Theory]
    [InlineData("\"2\"", 304)]
    [InlineData("W/\"2\"", 304)]
    [InlineData("\"1\", \"2\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"1\"", 200)]
    [InlineData("2", 200)]
    public async Task A_state_that_the_client_has_is_not_sent_again(string ifNoneMatch, int status)
    {
        string id = await system.OpenAccountAsync(minorUnits: 1);

        Answer answer = await system.GetAsync($"account/{id}", ("If-None-Match", ifNoneMatch));

        Assert.Equal((status, "\"2\"", status == 304), (answer.Status, answer.Header("ETag"), answer.Body.Length == 0));
    }

    [Fact]
    public async Task The_ETag_of_a_state_is_what_a_command_takes_as_If_Match()
    {
        string id = await system.OpenAccountAsync(minorUnits: 1);
        string etag = (await system.GetAsync($"account/{id}")).Header("ETag")!;

        Assert.Equal(200, (await system.DepositAsync(id, 1, ("If-Match", etag))).Status);
        Assert.Equal(412, (await system.DepositAsync(id, 1, ("If-Match", etag))).Status);
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_answers_404()
    {
        (await system.GetAsync("account/nobody")).MustBeProblem(404, "unknown-stream");
        (await system.GetAsync("account/nobody/events")).MustBeProblem(404, "unknown-stream");
        (await system.GetAsync("account/nobody/events?from=5")).MustBeProblem(404, "unknown-stream");
    }

    [Theory]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    [InlineData("%C3%A4")]
    [InlineData("a'b")]
    public async Task An_id_with_other_characters_answers_400(string id)
    {
        (await system.GetAsync($"account/{id}")).MustBeProblem(400, "invalid-request");
        (await system.GetAsync($"account/{id}/events")).MustBeProblem(400, "invalid-request");
        (await system.PostAsync($"account/{id}/open", """{"owner":"ada","currency":"EUR"}""")).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task An_id_of_129_characters_answers_400()
    {
        (await system.GetAsync($"account/{new string('i', 128)}")).MustBeProblem(404, "unknown-stream");
        (await system.GetAsync($"account/{new string('i', 129)}")).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task Events_come_with_the_command_that_led_to_them()
    {
        string id = Guid.NewGuid().ToString("N");
        await system.PostAsync(
            $"account/{id}/open", """{"owner":"ada","currency":"EUR"}""", ("Idempotency-Key", "k1"), ("X-Correlation-Id", "c1"));

        Answer answer = await system.GetAsync($"account/{id}/events");

        answer.MustBe(200, $$"""
            {"stream":"account-{{id}}","events":[
              {"version":1,"type":"account.opened","schemaVersion":1,"data":{"owner":"ada","currency":"EUR"},"time":"2026-11-23T09:30:00Z",
               "command":"open","commandId":"k1","actor":"anonymous","correlationId":"c1"}]}
            """);
    }

    [Fact]
    public async Task Pages_of_events_lead_from_one_to_the_next_until_the_end()
    {
        string id = await system.OpenAccountAsync();
        for (int i = 1; i <= 4; i++)
        {
            await system.DepositAsync(id, i);
        }

        List<int> versions = [];
        List<int> sizes = [];
        for (string? next = $"account/{id}/events?limit=2"; next is not null;)
        {
            JsonNode page = (await system.GetAsync(next)).Json;
            int[] read = [.. page["events"]!.AsArray().Select(e => (int)e!["version"]!)];
            versions.AddRange(read);
            sizes.Add(read.Length);
            next = (string?)page["next"];
        }

        Assert.Equal([1, 2, 3, 4, 5], versions);
        Assert.Equal([2, 2, 1], sizes);
    }

    [Fact]
    public async Task A_page_that_ends_with_the_stream_has_no_next_one()
    {
        string id = await system.OpenAccountAsync(minorUnits: 1);

        Assert.Null((await system.GetAsync($"account/{id}/events?limit=2")).Json["next"]);
        Assert.Equal(
            $"/api/account/{id}/events?from=2&limit=1", (string?)(await system.GetAsync($"account/{id}/events?limit=1&code=secret")).Json["next"]);
    }

    [Fact]
    public async Task A_page_may_begin_and_end_inside_a_commit()
    {
        StreamName stream = StreamName.Create("account", Guid.NewGuid().ToString("N"));
        await system.Events.AppendAsync(StreamHead.StartOf(stream), CommitOf(stream, events: 5), TestContext.Current.CancellationToken);

        JsonNode page = (await system.GetAsync($"account/{stream.Id}/events?from=2&limit=3")).Json;

        Assert.Equal([2, 3, 4], page["events"]!.AsArray().Select(e => (int)e!["version"]!));
        Assert.Equal($"/api/account/{stream.Id}/events?from=5&limit=3", (string?)page["next"]);
    }

    [Theory]
    [InlineData("account/{0}/events", "events", "version")]
    [InlineData("manage/streams/account-{0}/commits", "commits", "firstVersion")]
    public async Task A_page_of_large_events_ends_early_and_the_next_one_goes_on(string path, string list, string version)
    {
        StreamName stream = StreamName.Create("account", Guid.NewGuid().ToString("N"));
        StreamHead head = StreamHead.StartOf(stream);
        byte[] large = System.Text.Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 1024 * 1024)}}"}""");
        for (int i = 1; i <= 10; i++)
        {
            Commit commit = CommitOf(stream, events: 1) with { FirstVersion = i, Events = [new StoredEvent("account.unfrozen", 1, large)] };
            commit = commit with { Metadata = commit.Metadata with { CommandId = $"c{i}" } };
            head = Assert.IsType<AppendResult.Appended>(await system.Events.AppendAsync(head, commit, TestContext.Current.CancellationToken)).Head;
        }

        List<int[]> pages = [];
        for (string? next = $"{string.Format(System.Globalization.CultureInfo.InvariantCulture, path, stream.Id)}?limit=1000"; next is not null;)
        {
            JsonNode page = (await system.GetAsync(next)).Json;
            pages.Add([.. page[list]!.AsArray().Select(e => (int)e![version]!)]);
            next = (string?)page["next"];
        }

        Assert.Equal([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]], pages);
    }

    [Fact]
    public async Task Behind_the_end_of_a_stream_there_is_an_empty_page()
    {
        string id = await system.OpenAccountAsync();

        (await system.GetAsync($"account/{id}/events?from=2")).MustBe(200, $$"""{"stream":"account-{{id}}","events":[]}""");
    }

    [Theory]
    [InlineData("from=0", "from", "It is a whole number from 1 to 9999999999.")]
    [InlineData("from=-1", "from", "It is a whole number from 1 to 9999999999.")]
    [InlineData("from=x", "from", "It is a whole number from 1 to 9999999999.")]
    [InlineData("from=99999999999999999999", "from", "It is a whole number from 1 to 9999999999.")]
    [InlineData("limit=0", "limit", "It is a whole number from 1 to 1000.")]
    [InlineData("limit=1001", "limit", "It is a whole number from 1 to 1000.")]
    [InlineData("limit=", "limit", "It is a whole number from 1 to 1000.")]
    public async Task A_wrong_query_parameter_answers_400_and_says_which(string query, string name, string message)
    {
        string id = await system.OpenAccountAsync();

        (await system.GetAsync($"account/{id}/events?{query}")).MustBeProblem(400, "invalid-request").WithError(name, message);
    }

    private static Commit CommitOf(StreamName stream, int events) => new()
    {
        Stream = stream,
        FirstVersion = 1,
        Events = [.. Enumerable.Range(1, events).Select(_ => new StoredEvent("account.unfrozen", 1, "{}"u8.ToArray()))],
        Metadata = new CommitMetadata
        {
            CommandId = "c",
            CommandType = "test",
            CommandData = "{}"u8.ToArray(),
            PolicyVersion = "1",
            Actor = "test",
            CorrelationId = "c",
            Timestamp = TestSystem.Now,
        },
    };
}
