using System.Text.Json.Nodes;

namespace Serverless.Functions.ApiDescription;

/// <summary>How a client shows a key. The platform takes each in a header or, for links, in the query.</summary>
internal static class ApiKeys
{
    private const string Header = "x-functions-key";
    private const string Query = "code";

    public static JsonArray For(ApiAccess access) => access switch
    {
        ApiAccess.Anonymous => [],
        _ => [Of("functionKey"), Of("functionKeyInQuery")],
    };

    public static JsonObject ToJson() => new()
    {
        ["functionKey"] = Key("header", Header, "A function key or a host key. Management operations also take a right, which a role or the name of the key has."),
        ["functionKeyInQuery"] = Key("query", Query, "The same in the address, which logs may keep."),
    };

    private static JsonObject Of(string scheme) => new() { [scheme] = new JsonArray() };

    private static JsonObject Key(string place, string name, string description) =>
        new() { ["type"] = "apiKey", ["in"] = place, ["name"] = name, ["description"] = description };
}
