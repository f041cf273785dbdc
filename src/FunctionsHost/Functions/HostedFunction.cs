using System.Text.Json;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Functions;

/// <summary>One function as its worker describes it, with its one trigger and its retry policy.</summary>
internal sealed record HostedFunction(FunctionMetadata Metadata, FunctionTrigger Trigger)
{
    public string Id => Metadata.FunctionId;

    public string Name => Metadata.Name;

    /// <summary>The class that has the method, by its full name.</summary>
    public string ClassName => Metadata.EntryPoint[..Metadata.EntryPoint.LastIndexOf('.')];

    public RetryOptions? Retry => Metadata.Retry;

    /// <exception cref="FormatException">It has not one trigger, or one that this host does not know.</exception>
    public static HostedFunction From(FunctionMetadata metadata)
    {
        FunctionTrigger? trigger = null;
        foreach (string text in metadata.RawBindings)
        {
            RawBinding binding = JsonSerializer.Deserialize<RawBinding>(text, Json)!;
            if (!binding.Type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            trigger = trigger is not null
                ? throw new FormatException($"Function '{metadata.Name}' has more than one trigger.")
                : ReadTrigger(metadata.Name, binding.Type, text);
        }
        return new HostedFunction(metadata, trigger ?? throw new FormatException($"Function '{metadata.Name}' has no trigger."));
    }

    private static FunctionTrigger ReadTrigger(string function, string type, string text) => type.ToUpperInvariant() switch
    {
        "HTTPTRIGGER" => Read<FunctionTrigger.Http>(text) is var http && string.IsNullOrWhiteSpace(http.Route) ? http with { Route = function } : http,
        "COSMOSDBTRIGGER" => Read<FunctionTrigger.Cosmos>(text),
        "TIMERTRIGGER" => Read<FunctionTrigger.Timer>(text),
        _ => throw new FormatException($"Function '{function}' has a {type}. This host knows HTTP, Cosmos DB and timer triggers."),
    };

    private static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Json)!;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };

    private sealed record RawBinding(string Type);
}

/// <summary>
/// What starts a function: its trigger binding. What the attribute does not say is not there, so the defaults here are those of the host.
/// </summary>
internal abstract record FunctionTrigger
{
    /// <summary>The parameter that takes what the trigger delivers.</summary>
    public required string Name { get; init; }

    public required string Type { get; init; }

    internal sealed record Http : FunctionTrigger
    {
        /// <summary>The template behind the route prefix.</summary>
        public string Route { get; init; } = "";

        /// <summary>Empty: every method.</summary>
        public IReadOnlyList<string> Methods { get; init; } = [];

        /// <summary>What a caller has to show.</summary>
        public KeyLevel AuthLevel { get; init; } = KeyLevel.Function;
    }

    /// <summary>Intervals are milliseconds, and zero means the extension's default. Names and the prefix may hold %Setting% expressions.</summary>
    internal sealed record Cosmos : FunctionTrigger
    {
        public required string DatabaseName { get; init; }

        public required string ContainerName { get; init; }

        public string? Connection { get; init; }

        public string? LeaseContainerName { get; init; }

        public string? LeaseDatabaseName { get; init; }

        public string? LeaseConnection { get; init; }

        public string? LeaseContainerPrefix { get; init; }

        public bool CreateLeaseContainerIfNotExists { get; init; }

        public int LeasesContainerThroughput { get; init; }

        public int FeedPollDelay { get; init; }

        public int LeaseRenewInterval { get; init; }

        public int LeaseAcquireInterval { get; init; }

        public int LeaseExpirationInterval { get; init; }

        public int MaxItemsPerInvocation { get; init; }

        public bool StartFromBeginning { get; init; }

        public string? StartFromTime { get; init; }

        public string? PreferredLocations { get; init; }
    }

    internal sealed record Timer : FunctionTrigger
    {
        /// <summary>NCRONTAB with or without seconds, a time span, or a %Setting% with either.</summary>
        public required string Schedule { get; init; }

        public bool RunOnStartup { get; init; }

        /// <summary>Whether a run that was missed while the host was down is made up for.</summary>
        public bool UseMonitor { get; init; } = true;
    }
}

/// <summary>What a caller has to show to run an HTTP function.</summary>
internal enum KeyLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}
