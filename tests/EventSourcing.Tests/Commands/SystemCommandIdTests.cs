namespace Serverless.EventSourcing.Tests;

public sealed class SystemCommandIdTests
{
    [Fact]
    public void A_short_id_says_what_it_is() =>
        Assert.Equal("~process/transfer-process/transfer-t2/2/credit", SystemCommandId.Of("process", "transfer-process", "transfer-t2/2/credit"));

    [Fact]
    public void A_long_id_is_a_hash_that_never_changes() => Assert.Equal(
        "~process/transfer-process/6de9d90aa0e5abe1d32b81e8c3d8ddadb2641d5843091d195a06b54b646953c5",
        SystemCommandId.Of("process", "transfer-process", $"account-{new string('a', 128)}/1/credit"));

    [Fact]
    public void The_longest_names_fit() => Assert.True(CommitRules.IsCommandId(
        SystemCommandId.Of("process", new string('p', Limits.MaxConsumerNameLength), new string('k', 1_000))));

    [Theory]
    [InlineData("~process/a/b", true)]
    [InlineData("~", true)]
    [InlineData("a~", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void What_begins_with_a_tilde_is_the_system_s(string? id, bool isReserved) => Assert.Equal(isReserved, SystemCommandId.IsReserved(id));
}
