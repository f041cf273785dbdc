using Serverless.Cli.Output;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

/// <summary>The key goes to the server that was named and to no other, and never over the network unencrypted unless that is asked for.</summary>
public sealed class UntrustedServerTests
{
    private const string Key = "a-secret-key";

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using Stranger other = Stranger.Start(c => Stranger.Json(c, 200, "{}"));
        await using Stranger server = Stranger.Start(c =>
        {
            c.Response.StatusCode = status;
            c.Response.Headers["Location"] = new Uri(other.Address, "/api/manage/consumers").AbsoluteUri;
        });

        ToolRun run = await ToolRun.RunAsync("consumers", "--url", server.Address.AbsoluteUri, "--key", Key);

        run.MustFail(ExitCodes.Usage, $"redirects to {other.Address.GetLeftPart(UriPartial.Authority)}");
        Assert.Equal([Key], server.Keys);
        Assert.Empty(other.Keys);
    }

    [Fact]
    public async Task A_next_page_on_another_server_is_not_fetched()
    {
        await using Stranger other = Stranger.Start(c => Stranger.Json(c, 200, "{}"));
        await using Stranger server = Stranger.Start(c => Stranger.Json(
            c, 200, $$"""{"stream":"account-1","refused":[],"commits":[],"next":"{{other.Address}}api/manage/streams/account-1/commits"}"""));

        ToolRun run = await ToolRun.RunAsync("stream", "commits", "account-1", "--url", server.Address.AbsoluteUri, "--key", Key);

        Assert.Equal(ExitCodes.Fault, run.ExitCode);
        Assert.Contains("The key is not sent to another server.", run.Error, StringComparison.Ordinal);
        Assert.Empty(other.Keys);
    }

    [Theory]
    [InlineData("--url", "http://bank.invalid")]
    [InlineData("--url", "HTTP://BANK.INVALID:7071/api")]
    [InlineData("--store", "http://bank.invalid:8081")]
    [InlineData("--store", "AccountEndpoint=http://bank.invalid:8081/;AccountKey=c2VjcmV0;")]
    [InlineData("--store", "AccountKey=c2VjcmV0; accountendpoint = http://bank.invalid:8081/")]
    public async Task Plain_http_to_another_machine_is_refused_unless_it_is_allowed(string option, string target)
    {
        ToolRun refused = await ToolRun.RunAsync("stream", "verify", "account-1", option, target, "--key", Key);

        refused.MustFail(ExitCodes.Usage, "unencrypted");
        Assert.DoesNotContain("c2VjcmV0", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_http_to_another_machine_can_be_allowed() =>
        (await ToolRun.RunAsync("stream", "verify", "account-1", "--url", "http://bank.invalid", "--allow-http")).MustFail(ExitCodes.Unreachable, "Nothing answers at http://bank.invalid/api/");

    [Fact]
    public async Task An_answer_can_not_change_the_terminal()
    {
        await using Stranger server = Stranger.Start(c => Stranger.Json(
            c, 409, """{"title":"x","detail":"a\u001b]0;title\u0007 b\u202e c\u2028 d\r\ne","code":"x"}"""));

        ToolRun run = await ToolRun.RunAsync("stream", "verify", "account-1", "--url", server.Address.AbsoluteUri);

        run.MustFail(ExitCodes.No, "a\uFFFD]0;title\uFFFD b\uFFFD c  d e");
    }

    [Theory]
    [InlineData("\"a\u202Eb\"", """ "a\u202eb" """)]
    [InlineData("\"a\u2066b\u200F\"", """ "a\u2066b\u200f" """)]
    [InlineData("\"plain \u00E4\"", "\"plain \u00E4\"")]
    public void Json_for_machines_means_the_same_and_can_not_reorder_a_line(string json, string shown) =>
        Assert.Equal(shown.Trim(), Cell.SafeJson(json));
}
