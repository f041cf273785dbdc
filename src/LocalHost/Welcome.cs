namespace Serverless.LocalHost;

/// <summary>What somebody sees who has just started the system.</summary>
internal static class Welcome
{
    public static string Text(Uri api, Uri? cosmos, LocalHostOptions options)
    {
        string place = options.DataDirectory is { } directory ? $"in {directory}" : "in memory";
        string end = options.DataDirectory is null ? "what was stored goes with it" : "what was stored stays";
        string account = new(api.AbsoluteUri.TrimEnd('/') + "/account/alice-1");
        return $"""

            Serverless runs.

              API        {api.AbsoluteUri.TrimEnd('/')}
              Cosmos DB  {(cosmos is null ? "inside this process" : cosmos.AbsoluteUri)} ({place}, {options.Partitions} {(options.Partitions == 1 ? "partition" : "partitions")})

            Open an account, pay something in, look at it:

              {Post($"{account}/open", """{"owner":"alice","currency":"EUR"}""")}
              {Post($"{account}/deposit", """{"amount":{"minorUnits":1250,"currency":"EUR"}}""")}
              curl {Quote($"{api.AbsoluteUri}views/account-summary/alice-1?seen=account-alice-1:2")}

            Ctrl+C stops it; {end}.

            """;
    }

    private static string Post(string address, string body) =>
        $"curl -X POST {address} -H {Quote("Content-Type: application/json")} -d {Quote(body)}";

    // Shells of Windows know no single quotes.
    private static string Quote(string text) =>
        OperatingSystem.IsWindows() ? $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : $"'{text}'";
}
