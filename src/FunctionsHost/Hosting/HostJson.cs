using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>What of host.json this host understands. Other sections are left to the real host.</summary>
internal sealed record HostJson
{
    public const string FileName = "host.json";

    public string RoutePrefix { get; init; } = "api";

    /// <summary>-1 as in the real host: no limit.</summary>
    public int MaxConcurrentRequests { get; init; } = -1;

    public int MaxOutstandingRequests { get; init; } = -1;

    public IReadOnlyDictionary<string, string> CustomHeaders { get; init; } = new Dictionary<string, string>();

    /// <summary>Null: no limit. The real host's default outside the consumption plan is 30 minutes.</summary>
    public TimeSpan? FunctionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Direct or Gateway, for the clients of triggers; Gateway unless said otherwise.</summary>
    public string? CosmosConnectionMode { get; init; }

    public string? CosmosUserAgentSuffix { get; init; }

    /// <summary>Levels by category, for the logs of host and functions, as they would be settings.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> LogLevels { get; init; } = [];

    /// <summary>The file in the first of the directories that has one, or the defaults.</summary>
    public static HostJson Load(params ReadOnlySpan<string> directories)
    {
        foreach (string directory in directories)
        {
            string path = Path.GetFullPath(Path.Combine(directory, FileName));
            if (File.Exists(path))
            {
                return Read(JsonSettingsFile.Read(path), path);
            }
        }

        return new HostJson();
    }

    private static HostJson Read(IConfigurationRoot file, string path)
    {
        if (file["version"] != "2.0")
        {
            throw new InvalidOperationException($"{path} must say \"version\": \"2.0\".");
        }

        IConfigurationSection http = file.GetSection("extensions:http");
        IConfigurationSection cosmos = file.GetSection("extensions:cosmosDB");
        var defaults = new HostJson();
        return new HostJson
        {
            RoutePrefix = (http["routePrefix"] ?? defaults.RoutePrefix).Trim('/'),
            MaxConcurrentRequests = http.GetValue("maxConcurrentRequests", defaults.MaxConcurrentRequests),
            MaxOutstandingRequests = http.GetValue("maxOutstandingRequests", defaults.MaxOutstandingRequests),
            CustomHeaders = http.GetSection("customHeaders").GetChildren().ToDictionary(header => header.Key, header => header.Value ?? ""),
            FunctionTimeout = file["functionTimeout"] is { } timeout ? ParseTimeout(timeout, path) : defaults.FunctionTimeout,
            CosmosConnectionMode = cosmos["connectionMode"],
            CosmosUserAgentSuffix = cosmos["userAgentSuffix"],
            LogLevels = [.. file.GetSection("logging:logLevel").GetChildren()
                .Select(level => KeyValuePair.Create($"Logging:LogLevel:{level.Key}", level.Value))],
        };
    }

    private static TimeSpan? ParseTimeout(string text, string path)
    {
        if (text == "-1")
        {
            return null;
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan timeout) && timeout >= TimeSpan.FromSeconds(1)
            ? timeout
            : throw new InvalidOperationException($"{path}: functionTimeout is '{text}', but must be HH:mm:ss of at least one second, or -1.");
    }
}
