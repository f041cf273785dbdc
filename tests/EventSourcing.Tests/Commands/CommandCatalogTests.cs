using System.Text;

namespace Serverless.EventSourcing.Tests;

public sealed class CommandCatalogTests
{
    private static readonly CommandCatalog<PurseCommand> Commands = Purse.Definition.Commands;

    [Fact]
    public void A_body_becomes_the_command_of_that_name()
    {
        Assert.True(Commands.TryRead("take", """{"amount":3}"""u8, out PurseCommand? command, out IReadOnlyList<ValidationError> errors));

        Assert.Equal(new Take(3), command);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("""{"amount":0}""", "$.amount", "An amount is at least 1.")]
    [InlineData("""{"amount":"3"}""", "$.amount", "The value has the wrong type or is out of range.")]
    [InlineData("""{"amount":3000000000}""", "$.amount", "The value has the wrong type or is out of range.")]
    [InlineData("""{"amount":null}""", "$.amount", "The value has the wrong type or is out of range.")]
    [InlineData("""{}""", "$", "Required members are missing: 'amount'.")]
    [InlineData("""{"amount":3,"amont":3}""", "$.amont", "The member 'amont' is not known here.")]
    [InlineData("""{"amount":3,"amount":4}""", "$.amount", "The member 'amount' is there twice.")]
    [InlineData("null", "$", "The body is null; an object is expected.")]
    [InlineData("[1]", "$", "The value has the wrong type or is out of range.")]
    public void What_is_wrong_is_said_by_member(string body, string path, string message)
    {
        Assert.False(Commands.TryRead("add", Encoding.UTF8.GetBytes(body), out PurseCommand? command, out IReadOnlyList<ValidationError> errors));

        Assert.Null(command);
        Assert.Equal([new ValidationError(path, message)], errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("amount=3")]
    [InlineData("""{"amount":3} x""")]
    [InlineData("{\"amount\":3,}")]
    public void What_is_no_json_is_one_error(string body)
    {
        Assert.False(Commands.TryRead("add", Encoding.UTF8.GetBytes(body), out _, out IReadOnlyList<ValidationError> errors));

        Assert.StartsWith("$", Assert.Single(errors).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_one_error()
    {
        Assert.False(Commands.TryRead("label", [.. "{\"text\":\""u8, 0xC3, 0x28, .. "\"}"u8], out _, out IReadOnlyList<ValidationError> errors));

        Assert.Single(errors);
    }

    [Fact]
    public void A_null_where_none_may_be_is_said_by_member()
    {
        Assert.False(Commands.TryRead("label", """{"text":null}"""u8, out _, out IReadOnlyList<ValidationError> errors));

        Assert.Equal([new ValidationError("$.text", "The member 'text' must not be null.")], errors);
    }

    [Fact]
    public void Names_are_listed_in_the_order_of_their_registration()
    {
        Assert.Equal(["add", "take", "fill-up-to", "add-one-by-one", "label"], Commands.Select(c => c.Name));
        Assert.Equal(5, Commands.Count);
        Assert.True(Commands.IsPublic("take"));
        Assert.False(Commands.IsPublic("Take"));
        Assert.Equal("fill-up-to", Commands.ShapeOf(new FillUpTo(1)).Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Add")]
    [InlineData("add_money")]
    [InlineData("add money")]
    [InlineData("ädd")]
    public void A_name_is_fit_for_a_route(string name) =>
        Assert.Throws<ArgumentException>(() => new CommandCatalog<PurseCommand> { { name, PurseJson.Default.Add } });

    [Fact]
    public void A_name_or_a_class_is_registered_once()
    {
        Assert.Throws<ArgumentException>(() => new CommandCatalog<PurseCommand> { { "add", PurseJson.Default.Add }, { "add", PurseJson.Default.Take } });
        Assert.Throws<ArgumentException>(() => new CommandCatalog<PurseCommand> { { "add", PurseJson.Default.Add }, { "put", PurseJson.Default.Add } });
    }

    [Fact]
    public void A_command_that_nobody_registered_has_no_name()
    {
        CommandCatalog<PurseCommand> commands = new() { { "add", PurseJson.Default.Add } };

        Assert.Contains("Take", Assert.Throws<ArgumentException>(() => commands.ShapeOf(new Take(1))).Message, StringComparison.Ordinal);
    }
}
