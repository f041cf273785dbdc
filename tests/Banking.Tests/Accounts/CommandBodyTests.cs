using System.Text;
using Serverless.EventSourcing;

namespace Serverless.Banking.Tests;

/// <summary>What a client may send: every refusal names the member, and none of them needs the state of an account.</summary>
public sealed class CommandBodyTests
{
    [Theory]
    [InlineData("open", """{"owner":"alice","currency":"EUR"}""")]
    [InlineData("deposit", """{"amount":{"minorUnits":1250,"currency":"EUR"}}""")]
    [InlineData("withdraw", """{"amount":{"minorUnits":999999999999999,"currency":"JPY"}}""")]
    [InlineData("change-overdraft-limit", """{"limit":{"minorUnits":0,"currency":"EUR"}}""")]
    [InlineData("freeze", """{"reason":"Kontosperrung wegen Betrugs – 詐欺"}""")]
    [InlineData("unfreeze", "{}")]
    [InlineData("close", "{}")]
    [InlineData("close", """{"cause":"bank-decision"}""")]
    public void A_good_body_is_a_command(string command, string body)
    {
        Assert.True(TryRead(command, body, out IReadOnlyList<ValidationError> errors), string.Join('\n', errors));
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("open", """{"owner":"al ice","currency":"EUR"}""", "$.owner", "An owner is an id of 1 to 128 letters")]
    [InlineData("open", """{"owner":"","currency":"EUR"}""", "$.owner", "An owner is an id")]
    [InlineData("open", """{"owner":17,"currency":"EUR"}""", "$.owner", "An owner is an id")]
    [InlineData("open", """{"owner":null,"currency":"EUR"}""", "$.owner", "must not be null")]
    [InlineData("open", """{"owner":"alice","currency":"euro"}""", "$.currency", "three capital letters")]
    [InlineData("open", """{"owner":"alice","currency":"DEM"}""", "$.currency", "DEM is not a currency in use")]
    [InlineData("open", """{"owner":"alice","currency":"XXX"}""", "$.currency", "XXX is not a currency in use")]
    [InlineData("open", """{"owner":"alice"}""", "$", "'currency'")]
    [InlineData("open", """{"owner":"alice","currency":"EUR","colour":"red"}""", "$.colour", "'colour' is not known")]
    [InlineData("open", """{"Owner":"alice","currency":"EUR"}""", "$.Owner", "'Owner' is not known")]
    [InlineData("open", """{"owner":"alice","owner":"bob","currency":"EUR"}""", "$.owner", "The member 'owner' is there twice.")]
    [InlineData("deposit", """{"amount":{"minorUnits":0,"currency":"EUR"}}""", "$.amount.minorUnits", "1 to 999999999999999")]
    [InlineData("deposit", """{"amount":{"minorUnits":-5,"currency":"EUR"}}""", "$.amount.minorUnits", "1 to 999999999999999")]
    [InlineData("withdraw", """{"amount":{"minorUnits":1000000000000000,"currency":"EUR"}}""", "$.amount.minorUnits", "1 to 999999999999999")]
    [InlineData("withdraw", """{"amount":{"minorUnits":12.5,"currency":"EUR"}}""", "$.amount.minorUnits", "wrong type or is out of range")]
    [InlineData("withdraw", """{"amount":{"minorUnits":"12","currency":"EUR"}}""", "$.amount.minorUnits", "wrong type or is out of range")]
    [InlineData("withdraw", """{"amount":{"minorUnits":99999999999999999999,"currency":"EUR"}}""", "$.amount.minorUnits", "out of range")]
    [InlineData("withdraw", """{"amount":{"currency":"EUR"}}""", "$.amount", "'minorUnits'")]
    [InlineData("withdraw", """{"amount":12}""", "$.amount", "wrong type")]
    [InlineData("withdraw", """{"amount":null}""", "$.amount", "must not be null")]
    [InlineData("change-overdraft-limit", """{"limit":{"minorUnits":-1,"currency":"EUR"}}""", "$.limit.minorUnits", "0 to 999999999999999")]
    [InlineData("freeze", """{"reason":" "}""", "$.reason", "1 to 200 characters")]
    [InlineData("freeze", """{}""", "$", "'reason'")]
    [InlineData("close", """{"reason":"bored"}""", "$.reason", "'reason' is not known")]
    [InlineData("close", """{"cause":"bored"}""", "$.cause", "wrong type")]
    [InlineData("close", """{"cause":1}""", "$.cause", "wrong type")]
    [InlineData("close", "null", "$", "null")]
    [InlineData("close", "[]", "$", "wrong type")]
    [InlineData("close", "", "$", "JSON")]
    [InlineData("close", "{", "$", "JSON")]
    public void A_bad_body_is_refused_by_member(string command, string body, string path, string message)
    {
        Assert.False(TryRead(command, body, out IReadOnlyList<ValidationError> errors));

        ValidationError error = Assert.Single(errors);
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Serverless", error.Message, StringComparison.Ordinal); // No class names for clients.
    }

    [Fact]
    public void A_reason_may_have_200_characters_and_no_more()
    {
        Assert.True(TryRead("freeze", $$"""{"reason":"{{new string('x', 200)}}"}""", out _));
        Assert.False(TryRead("freeze", $$"""{"reason":"{{new string('x', 201)}}"}""", out _));
    }

    private static bool TryRead(string command, string body, out IReadOnlyList<ValidationError> errors) =>
        AccountAggregate.Definition.Commands.TryRead(command, Encoding.UTF8.GetBytes(body), out _, out errors);
}
