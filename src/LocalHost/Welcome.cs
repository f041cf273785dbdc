namespace Serverless.LocalHost;

/// <summary>What somebody sees who has just started the system.</summary>
internal static class Welcome
{
    public static string Text(Uri api, Uri? cosmos, LocalHostOptions options)
    {
        bool isKept = options.DataDirectory is not null || !options.HasEmulator;
        return $"""

            Serverless runs.

              API        {api.AbsoluteUri.TrimEnd('/')}
              Console    {api.AbsoluteUri}console
              Page       {api.AbsoluteUri}docs
              Cosmos DB  {Database(cosmos, options)}{(options.HasDashboard ? $"\n  Dashboard  {AspireDashboard.Address}" : "")}

            {FirstSteps.Title}:

              {string.Join("\n  ", FirstSteps.Requests(api))}

            Ctrl+C stops it; what was stored {(isKept ? "stays" : "goes with it")}.

            """;
    }

    private static string Database(Uri? address, LocalHostOptions options)
    {
        if (!options.HasEmulator)
        {
            return address?.AbsoluteUri ?? "as the setting CosmosDB says";
        }
        string place = options.DataDirectory is { } directory ? $"in {directory}" : "in memory";
        string partitions = options.Partitions == 1 ? "1 partition" : $"{options.Partitions} partitions";
        return $"{(address is null ? "inside this process" : address.AbsoluteUri)} ({place}, {partitions})";
    }

    public static string Post(string address, string body) =>
        $"curl -X POST {address} -H {Quote("Content-Type: application/json")} -d {Quote(body)}";

    // Shells of Windows know no single quotes.
    public static string Quote(string text) =>
        OperatingSystem.IsWindows() ? $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : $"'{text}'";
}
