using System.ComponentModel;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.Functions.ApiDescription;
using Serverless.Functions.Tests.Commands;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.ApiDescription;

/// <summary>What the document says about types: of the bank, and of a context that nobody wrote a line of description for.</summary>
public sealed class DescribedTypesTests
{
    private static readonly JsonObject Bank = DocumentOf(BankingContext.Create());

    [Fact]
    public void No_schema_says_nothing_and_every_example_in_one_fits_it()
    {
        SchemaCheck check = new(Bank);

        foreach ((string name, JsonNode? schema) in Bank["components"]!["schemas"]!.AsObject())
        {
            // What changed between two states can be anything; nothing else can.
            Assert.Empty(Places(schema!, name)
                .Where(p => p.Schema is not JsonObject { Count: > 0 } s || !SaysWhatItIs(s))
                .Select(p => p.Name)
                .Except(["ChangeAnswer.before", "ChangeAnswer.after"]));
            Assert.Empty(Places(schema!, name)
                .Where(p => p.Schema["examples"] is not null)
                .SelectMany(p => check.Errors(p.Schema, p.Schema["examples"]![0], p.Name)));
        }
    }

    [Fact]
    public void Every_command_has_an_example_that_fits_its_schema_and_is_accepted()
    {
        var aggregates = BankingContext.Create().Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions());
        SchemaCheck check = new(Bank);

        foreach ((string category, CommandShape command) in
            aggregates.Values.SelectMany(a => a.Commands.Where(c => !c.IsInternal).Select(c => (a.Category, c))))
        {
            JsonNode content = Bank["paths"]![$"/{category}/{{id}}/{command.Name}"]!["post"]!["requestBody"]!["content"]!["application/json"]!;
            JsonNode example = content["example"]!;

            Assert.Empty(check.Errors(content["schema"]!, example, $"{category} {command.Name}"));
            Assert.True(
                aggregates[category].TryRead(command.Name, Encoding.UTF8.GetBytes(example.ToJsonString()), out _, out IReadOnlyList<ValidationError> errors),
                $"{command.Name} {example.ToJsonString()}: {string.Join(", ", errors)}");
        }
    }

    [Fact]
    public void Other_examples_fit_their_schemas_too()
    {
        SchemaCheck check = new(Bank);

        foreach (JsonNode media in ApiDocumentTests.Operations(Bank)
            .Select(o => o["requestBody"]?["content"]?["application/json"])
            .OfType<JsonNode>()
            .Where(m => m["example"] is not null))
        {
            Assert.Empty(check.Errors(media["schema"]!, media["example"]));
        }
        foreach ((string kind, JsonNode? example) in Bank["components"]!["examples"]!.AsObject())
        {
            Assert.Empty(check.Errors(SchemaSet.Ref("ProblemDocument"), example!["value"], kind));
        }
    }

    [Theory]
    [InlineData("OpenAccount", """{"owner":"alice","currency":"EUR"}""", true)]
    [InlineData("OpenAccount", """{"owner":"alice","currency":"EUR","vip":true}""", false)]
    [InlineData("OpenAccount", """{"owner":"alice"}""", false)]
    [InlineData("OpenAccount", """{"owner":"alice","currency":null}""", false)]
    [InlineData("OpenAccount", """{"owner":"a b","currency":"EUR"}""", false)]
    [InlineData("OpenAccount", """{"owner":"alice","currency":"eur"}""", false)]
    [InlineData("DepositMoney", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", true)]
    [InlineData("DepositMoney", """{"amount":{"minorUnits":"1","currency":"EUR"}}""", false)]
    [InlineData("DepositMoney", """{"amount":{"minorUnits":1.5,"currency":"EUR"}}""", false)]
    [InlineData("DepositMoney", """{"amount":null}""", false)]
    [InlineData("CloseAccount", """{}""", true)]
    [InlineData("CloseAccount", """{"cause":null}""", true)]
    [InlineData("CloseAccount", """{"cause":"owner-died"}""", true)]
    [InlineData("CloseAccount", """{"cause":3}""", false)]
    public void The_schema_of_a_command_takes_what_the_reader_takes(string type, string body, bool isTaken)
    {
        CommandShape command = AccountAggregate.Definition.Commands.Single(c => c.Json.Type.Name == type);

        Assert.Equal(isTaken, !new SchemaCheck(Bank).Errors(SchemaSet.Ref(type), JsonNode.Parse(body)).Any());
        Assert.Equal(isTaken, AccountAggregate.Definition.Commands.TryRead(command.Name, Encoding.UTF8.GetBytes(body), out _, out _));
    }

    [Fact]
    public void A_context_of_ones_own_is_described_without_a_line_about_it()
    {
        JsonObject document = DocumentOf(new BoundedContext().Add(Notebook.Definition));

        Assert.Equal(
            ["/notebook/{id}/write", "/notebook/{id}", "/notebook/{id}/events", "/notebook/{id}/commands/{commandId}"],
            document["paths"]!.AsObject().Select(p => p.Key).Where(p => p.StartsWith("/notebook", StringComparison.Ordinal)));
        JsonNode post = document["paths"]!["/notebook/{id}/write"]!["post"]!;
        Assert.Equal("Writes notes.", (string?)post["summary"]);
        Assert.Contains("`nothing-to-write`", (string?)post["description"], StringComparison.Ordinal);
        Assert.Equal("""{"times":1}""", post["requestBody"]!["content"]!["application/json"]!["example"]!.ToJsonString());
        Assert.Equal(
            """{"type":"object","properties":{"times":{"type":"integer","format":"int32"}},"additionalProperties":false,"required":["times"]}""",
            document["components"]!["schemas"]!["WriteNotes"]!.ToJsonString());
        Assert.Empty(OpenApiDocument.Parse(document.ToJsonString(), "json", new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetDefaultRuleSet() }).Diagnostic!.Errors);
    }

    /// <summary>They are made of categories, commands and views, so two can meet: then a generated client would not compile.</summary>
    [Fact]
    public void Operations_whose_names_meet_are_told_apart()
    {
        // The state of something called "past" would have the name of what operators ask for.
        JsonObject document = DocumentOf(new BoundedContext().Add(Notebook.With("1", _ => false, category: "past")));

        string[] ids = [.. ApiDocumentTests.Operations(document).Select(o => (string)o["operationId"]!)];
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("getPastState", (string?)document["paths"]!["/manage/streams/{stream}"]!["get"]!["operationId"]);
        Assert.Equal("getPastState2", (string?)document["paths"]!["/past/{id}"]!["get"]!["operationId"]);
    }

    [Fact]
    public void Types_that_share_a_name_or_refer_to_themselves_are_told_apart()
    {
        SchemaSet schemas = new();
        JsonObject ours = schemas.Add(FolderJson.Default.Folder, SchemaUse.Read);
        JsonObject written = schemas.Add(FolderJson.Default.Folder, SchemaUse.Written);
        JsonObject other = schemas.Add(FolderJson.Default.OtherFolder, SchemaUse.Read);

        Assert.Equal(
            ["#/components/schemas/Folder", "#/components/schemas/Folder2", "#/components/schemas/Folder3"],
            new[] { ours, written, other }.Select(s => (string?)s["$ref"]));
        Assert.Equal("""["name"]""", schemas.Components["Folder"]!["required"]!.ToJsonString());
        Assert.Equal("""["name","folders"]""", schemas.Components["Folder2"]!["required"]!.ToJsonString());
        Assert.Equal("#/components/schemas/Folder2", (string?)schemas.Components["Folder2"]!["properties"]!["folders"]!["items"]!["$ref"]);
        Assert.Equal("""["number"]""", schemas.Components["Folder3"]!["required"]!.ToJsonString());
    }

    [Fact]
    public void What_the_code_says_of_a_type_and_of_a_member_is_in_the_schema()
    {
        SchemaSet schemas = new();
        schemas.Add(FolderJson.Default.Folder, SchemaUse.Read);

        Assert.Equal("Holds folders.", (string?)schemas.Components["Folder"]!["description"]);
        Assert.Equal("As it is shown.", (string?)schemas.Components["Folder"]!["properties"]!["name"]!["description"]);
    }

    private static JsonObject DocumentOf(BoundedContext context) => JsonNode.Parse(
        new ApiDocument(context, context.Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions())).Body.Span)!.AsObject();

    /// <summary>A schema and everything in it that is one.</summary>
    private static IEnumerable<(string Name, JsonNode Schema)> Places(JsonNode schema, string name) =>
    [
        (name, schema),
        .. (schema["properties"]?.AsObject() ?? []).SelectMany(p => Places(p.Value!, $"{name}.{p.Key}")),
        .. schema["items"] is { } items ? Places(items, $"{name}[]") : [],
        .. schema["additionalProperties"] is JsonObject values ? Places(values, $"{name}.*") : [],
    ];

    private static bool SaysWhatItIs(JsonObject schema) => schema.Any(k => k.Key is "type" or "$ref" or "enum" or "oneOf" or "anyOf");
}

[Description("Holds folders.")]
internal sealed record Folder([property: Description("As it is shown.")] string Name, IReadOnlyList<Folder>? Folders = null);

internal static class Other
{
    internal sealed record Folder(int Number);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Folder))]
[JsonSerializable(typeof(Other.Folder), TypeInfoPropertyName = "OtherFolder")]
internal sealed partial class FolderJson : JsonSerializerContext;
