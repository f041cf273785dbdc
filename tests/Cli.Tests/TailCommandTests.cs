using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

public sealed class TailCommandTests(Bank bank)
{
    [Fact]
    public async Task The_newest_commits_are_listed_one_line_each()
    {
        await bank.NewAccountAsync(100);

        string[] lines = (await bank.RunAsync("http", "tail", "--limit", "2")).MustEnd(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // Others write at the same time, so whose commits they are can't be said.
        Assert.Equal(2, lines.Length);
        Assert.All(lines, l => Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z  \S+-\S+ \d+  \S+ by \S+: \S+$", l));
    }

    [Fact]
    public async Task Only_what_fits_is_listed()
    {
        await bank.NewAccountAsync(100);

        string[] commands = [.. (await bank.RunAsync("http", "tail", "--command", "open", "--json")).MustEnd(0).JsonLines.Select(c => (string)c["command"]!)];

        Assert.NotEmpty(commands);
        Assert.All(commands, c => Assert.Equal("open", c));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    public async Task A_limit_that_is_not_possible_is_refused(string limit) =>
        (await bank.RunAsync("http", "tail", "--limit", limit)).MustFail(ExitCodes.Usage, "--limit is a whole number from 1 to 200.");

    [Fact]
    public async Task A_store_has_no_tail() => (await bank.RunAsync("store", "tail")).MustFail(ExitCodes.Usage, "--url");
}
