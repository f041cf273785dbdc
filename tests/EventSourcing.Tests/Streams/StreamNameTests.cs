namespace Serverless.EventSourcing.Tests;

public sealed class StreamNameTests
{
    [Theory]
    [InlineData("account", "7f3a")]
    [InlineData("a", "1")]
    [InlineData("account2", "0b9f3c1e-5d2a-4c57-9a64-0d2f4f1f9f11")]
    [InlineData("order", "-")]
    [InlineData("order", "A.b_c~d-E")]
    public void A_name_is_a_category_a_hyphen_and_an_id(string category, string id)
    {
        StreamName stream = StreamName.Create(category, id);

        Assert.Equal((category, id, $"{category}-{id}"), (stream.Category, stream.Id, stream.Value));
        Assert.Equal($"{category}-{id}", stream.ToString());
        Assert.Equal(stream, StreamName.Parse(stream.Value));
        Assert.Equal(stream.GetHashCode(), StreamName.Parse(stream.Value).GetHashCode());
    }

    [Theory]
    [InlineData("", "1")]
    [InlineData("Account", "1")]
    [InlineData("2accounts", "1")]
    [InlineData("bank_account", "1")]
    [InlineData("kontö", "1")]
    [InlineData("account", "")]
    [InlineData("account", "a b")]
    [InlineData("account", "a/b")]
    [InlineData("account", "a\\b")]
    [InlineData("account", "a#b")]
    [InlineData("account", "a?b")]
    [InlineData("account", "ä")]
    [InlineData("account", "a\n")]
    public void Anything_else_is_not_a_name(string category, string id)
    {
        Assert.False(StreamName.TryCreate(category, id, out StreamName? stream));
        Assert.Null(stream);
        Assert.Throws<FormatException>(() => StreamName.Create(category, id));
        Assert.Throws<FormatException>(() => StreamName.Parse($"{category}-{id}"));
    }

    [Fact]
    public void Missing_parts_are_not_a_name()
    {
        Assert.False(StreamName.TryCreate(null, "1", out _));
        Assert.False(StreamName.TryCreate("account", null, out _));
        Assert.Throws<FormatException>(() => StreamName.Parse("account"));
        Assert.Throws<FormatException>(() => StreamName.Parse(""));
    }

    [Fact]
    public void The_limits_of_length_are_kept_and_an_error_stays_short()
    {
        string category = new('c', Limits.MaxCategoryLength);
        string id = new('i', Limits.MaxStreamIdLength);

        Assert.Equal($"{category}-{id}", StreamName.Create(category, id).Value);
        Assert.False(StreamName.TryCreate(category + "c", id, out _));
        Assert.False(StreamName.TryCreate(category, id + "i", out _));
        Assert.InRange(Assert.Throws<FormatException>(() => StreamName.Create(category, new string('i', 100_000))).Message.Length, 1, 400);
    }

    [Fact]
    public void Names_that_differ_only_in_case_are_two_streams() => // As the store compares them.
        Assert.NotEqual(StreamName.Create("account", "A"), StreamName.Create("account", "a"));
}
