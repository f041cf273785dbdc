using System.Text;
using Serverless.EventSourcing;

namespace Serverless.Workshop.Tests;

/// <summary>What a client may send: every refusal names the member.</summary>
public sealed class CommandBodyTests
{
    [Theory]
    [InlineData("create")]
    [InlineData("rename")]
    public void A_title_has_1_to_200_characters(string command)
    {
        Assert.True(TryRead(command, Title("x"), out _));
        Assert.True(TryRead(command, Title(new string('x', 200)), out _));
        foreach (string bad in (string[])["", " ", new string('x', 201)])
        {
            Assert.False(TryRead(command, Title(bad), out IReadOnlyList<ValidationError> errors));
            Assert.Equal("$.title", Assert.Single(errors).Path);
        }
    }

    [Theory]
    [InlineData("""{}""", "$")]
    [InlineData("""{"title":null}""", "$.title")]
    [InlineData("""{"title":"x","colour":"red"}""", "$.colour")]
    public void A_body_has_its_members_and_no_others(string body, string path)
    {
        Assert.False(TryRead("create", body, out IReadOnlyList<ValidationError> errors));
        Assert.Equal(path, Assert.Single(errors).Path);
    }

    private static string Title(string title) => $$"""{"title":"{{title}}"}""";

    private static bool TryRead(string command, string body, out IReadOnlyList<ValidationError> errors) =>
        WidgetAggregate.Definition.Commands.TryRead(command, Encoding.UTF8.GetBytes(body), out _, out errors);
}
