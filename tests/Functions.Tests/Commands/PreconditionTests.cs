using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

public sealed class PreconditionTests(TestSystem system) : IClassFixture<TestSystem>
{
    private const string Open = """{"owner":"ada","currency":"EUR"}""";

    [Fact]
    public async Task A_command_on_the_version_it_was_decided_on_is_done()
    {
        string id = await system.OpenAccountAsync(minorUnits: 10);

        Assert.Equal(200, (await system.DepositAsync(id, 1, ("If-Match", "\"2\""))).Status);
    }

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("\"3\"")]
    [InlineData("\"9999999999\"")]
    public async Task A_command_on_another_version_answers_412_with_the_version_that_is(string etag)
    {
        string id = await system.OpenAccountAsync(minorUnits: 10);

        Answer answer = await system.DepositAsync(id, 1, ("If-Match", etag));

        answer.MustBeProblem(412, "precondition-failed");
        Assert.Equal(2, (int)answer.Json["version"]!);
        Assert.Equal($"account-{id} is at version 2, not at {etag.Trim('"')}.", (string?)answer.Json["detail"]);
        Assert.Equal(2, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("W/\"2\"")]
    [InlineData("\"2\", \"3\"")]
    [InlineData("\"-2\"")]
    [InlineData("\"two\"")]
    [InlineData("\"10000000000\"")]
    [InlineData("\"99999999999999999999\"")]
    public async Task An_If_Match_that_is_not_one_strong_version_answers_400(string value)
    {
        string id = await system.OpenAccountAsync(minorUnits: 10);

        Answer answer = await system.DepositAsync(id, 1, ("If-Match", value));

        answer.MustBeProblem(400, "invalid-request")
            .WithError("If-Match", "It is one strong ETag, the version in quotes as answers give it (\"12\"), or *.");
    }

    [Fact]
    public async Task If_Match_with_a_star_demands_a_stream_that_exists()
    {
        string id = Guid.NewGuid().ToString("N");

        (await system.PostAsync($"account/{id}/open", Open, ("If-Match", "*"))).MustBeProblem(412, "precondition-failed");
        Assert.Equal(201, (await system.PostAsync($"account/{id}/open", Open)).Status);
        Assert.Equal(200, (await system.DepositAsync(id, 1, ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task If_None_Match_with_a_star_demands_a_new_stream()
    {
        string id = Guid.NewGuid().ToString("N");

        Assert.Equal(201, (await system.PostAsync($"account/{id}/open", Open, ("If-None-Match", "*"))).Status);
        Answer second = await system.PostAsync($"account/{id}/open", Open, ("If-None-Match", "*"));

        second.MustBeProblem(412, "precondition-failed");
        Assert.Equal($"account-{id} exists already.", (string?)second.Json["detail"]);
    }

    [Theory]
    [InlineData("\"1\"", null)]
    [InlineData("*", "\"1\"")]
    public async Task Other_uses_of_If_None_Match_with_a_command_answer_400(string ifNoneMatch, string? ifMatch)
    {
        string id = await system.OpenAccountAsync();
        List<(string, string)> headers = [("If-None-Match", ifNoneMatch)];
        if (ifMatch is not null)
        {
            headers.Add(("If-Match", ifMatch));
        }

        (await system.DepositAsync(id, 1, [.. headers])).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task A_repeated_command_is_recognised_before_its_version_is_compared()
    {
        string id = await system.OpenAccountAsync();
        Answer first = await system.DepositAsync(id, 1, ("If-Match", "\"1\""), ("Idempotency-Key", "k"));

        Answer second = await system.DepositAsync(id, 1, ("If-Match", "\"1\""), ("Idempotency-Key", "k"));

        Assert.Equal((200, 200), (first.Status, second.Status));
        Assert.True((bool)second.Json["repeated"]!);
    }
}
