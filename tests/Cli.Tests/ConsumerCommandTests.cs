using System.Text.Json.Nodes;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

public sealed class ConsumerCommandTests(Bank bank)
{
    [Fact]
    public async Task Consumers_are_listed_and_each_has_its_ranges()
    {
        await bank.NewAccountAsync();

        JsonNode all = (await bank.RunAsync("http", "consumers", "--json")).Json;
        ToolRun shown = await bank.RunAsync("http", "consumers");
        JsonNode one = (await bank.RunAsync("http", "consumer", "account-summary@1", "--json")).Json;
        ToolRun oneShown = await bank.RunAsync("http", "consumer", "account-summary@1");

        Assert.Contains("account-summary@1", all["consumers"]!.AsArray().Select(c => (string?)c!["consumer"]));
        Assert.Contains("account-summary@1", shown.Output, StringComparison.Ordinal);
        Assert.NotEmpty(one["ranges"]!.AsArray());
        Assert.StartsWith("account-summary@1: ", oneShown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_parked_and_nothing_was_done_in_an_untouched_system()
    {
        Assert.Equal("", (await bank.RunAsync("http", "parked", "list", "account-summary@1", "--json")).MustEnd(ExitCodes.Ok).Output);
        Assert.Contains("Stream", (await bank.RunAsync("http", "parked", "list", "account-summary@1")).MustEnd(ExitCodes.Ok).Output, StringComparison.Ordinal);
        Assert.Equal("", (await bank.RunAsync("http", "parked", "list", "--json")).MustEnd(ExitCodes.Ok).Output);
        Assert.Contains("Consumer", (await bank.RunAsync("http", "parked", "list")).MustEnd(ExitCodes.Ok).Output, StringComparison.Ordinal);
        (await bank.RunAsync("http", "parked", "retry", "account-summary@1", "account-nobody"))
            .MustFail(ExitCodes.NotFound, "'account-nobody' is not parked for account-summary@1.");
        (await bank.RunAsync("http", "parked", "discard", "account-summary@1", "account-nobody", "--version", "3", "--reason", "test"))
            .MustFail(ExitCodes.NotFound, "'account-nobody' is not parked for account-summary@1.");
    }

    [Fact]
    public async Task A_retry_of_everything_is_done_and_is_on_record_for_both_targets()
    {
        ToolRun retried = (await bank.RunAsync("http", "parked", "retry", "bank-totals@1", "--reason", "to see")).MustEnd(ExitCodes.Ok);

        Assert.Equal("0 streams have caught up, 0 still fail.\n", retried.Output);
        JsonNode action = (await bank.RunAsync("http", "actions", "bank-totals@1", "--json")).MustEnd(ExitCodes.Ok).JsonLines[0];
        Assert.Equal(("retry-all", "to see"), ((string?)action["kind"], (string?)action["reason"]));
        Assert.Equal(
            (await bank.RunAsync("http", "actions", "bank-totals@1", "--json")).Output, (await bank.RunAsync("store", "actions", "bank-totals@1", "--json")).Output);
    }

    [Theory]
    [InlineData("consumers")]
    [InlineData("consumer", "account-summary@1")]
    [InlineData("parked", "list")]
    [InlineData("parked", "list", "account-summary@1")]
    [InlineData("parked", "retry", "account-summary@1")]
    public async Task A_store_has_no_consumers(params string[] command) =>
        (await bank.RunAsync("store", command)).MustFail(ExitCodes.Usage, "ask the API, with --url");

    [Theory]
    [InlineData("consumer", "nobody@1")]
    [InlineData("parked", "list", "nobody@1")]
    [InlineData("parked", "retry", "nobody@1")]
    [InlineData("actions", "nobody@1")]
    public async Task A_consumer_that_does_not_exist_is_named(params string[] command) =>
        (await bank.RunAsync("http", command)).MustFail(ExitCodes.NotFound, "There is no consumer 'nobody@1'.");
}
