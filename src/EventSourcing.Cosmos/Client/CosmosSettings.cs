using Microsoft.Extensions.Configuration;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Which account, which database, and how to reach them. The names are those that the Cosmos DB trigger of Functions uses.</summary>
public sealed record CosmosSettings
{
    /// <summary>The setting that holds a connection string, or the section with the account endpoint.</summary>
    public const string ConnectionSetting = "CosmosDB";

    public const string DatabaseSetting = "CosmosDatabase";

    /// <summary><c>Direct</c> (the default) or <c>Gateway</c>.</summary>
    public const string ConnectionModeSetting = "CosmosConnectionMode";

    public const string DefaultDatabase = "serverless";

    /// <summary>With key. Wins over <see cref="AccountEndpoint"/>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Without key: the identity of the process is used.</summary>
    public Uri? AccountEndpoint { get; init; }

    /// <summary>The client id of a user-assigned managed identity; null for the identity that the environment offers.</summary>
    public string? ManagedIdentityClientId { get; init; }

    public string Database { get; init; } = DefaultDatabase;

    /// <summary>HTTPS through the gateway instead of TCP to the replicas: for emulators, and for networks that let only 443 pass.</summary>
    public bool UseGateway { get; init; }

    /// <summary>
    /// For jobs that have thousands of single writes under way, such as a rebuild: the client sends those to one physical partition
    /// together. A write with too few beside it waits for others, so nobody's request should be served by such a client.
    /// </summary>
    public bool InBulk { get; init; }

    /// <summary>Authenticate the commands of the inbox; null where nothing uses it.</summary>
    public InboxKeys? InboxKeys { get; init; }

    /// <summary>Carries the HTTP requests; for an emulator in this process. The caller disposes it after the client.</summary>
    public HttpMessageHandler? HttpHandler { get; init; }

    /// <exception cref="InvalidOperationException">A setting is missing or malformed.</exception>
    public static CosmosSettings From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        string? connection = NullIfEmpty(configuration[ConnectionSetting]);
        string? endpoint = NullIfEmpty(configuration[$"{ConnectionSetting}:accountEndpoint"]);
        if (connection is null && endpoint is null)
        {
            throw new InvalidOperationException(
                $"Set {ConnectionSetting} to a connection string, or {ConnectionSetting}__accountEndpoint to the account's URL.");
        }
        Uri? account = null;
        if (endpoint is not null && !Uri.TryCreate(endpoint, UriKind.Absolute, out account))
        {
            throw new InvalidOperationException($"{ConnectionSetting}__accountEndpoint is not a URL.");
        }
        string mode = NullIfEmpty(configuration[ConnectionModeSetting]) ?? "Direct";
        return new CosmosSettings
        {
            ConnectionString = connection,
            AccountEndpoint = account,
            ManagedIdentityClientId = NullIfEmpty(configuration[$"{ConnectionSetting}:clientId"]),
            Database = NullIfEmpty(configuration[DatabaseSetting]) ?? DefaultDatabase,
            UseGateway = mode.ToUpperInvariant() switch
            {
                "DIRECT" => false,
                "GATEWAY" => true,
                _ => throw new InvalidOperationException($"{ConnectionModeSetting} is Direct or Gateway."),
            },
            InboxKeys = InboxKeys.From(configuration),
        };
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    /// <summary>Without the connection string, which must not get into logs.</summary>
    public override string ToString() =>
        $"{nameof(CosmosSettings)} {{ Account = {AccountEndpoint?.Host ?? "by connection string"}, Database = {Database}, UseGateway = {UseGateway} }}";
}
