using System.Text.Json;
using Azure.Identity;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Makes clients with the options that this system was tested with. One client per process and account.</summary>
public static class CosmosClients
{
    /// <summary>Part of the user agent, by which the service's logs can be searched.</summary>
    public const string ApplicationName = "serverless-event-sourcing";

    /// <summary>Throttled attempts before a caller gets the 429.</summary>
    public const int MaxThrottledAttempts = 9;

    /// <summary>The longest that all those attempts may wait. A command's caller is better off with a 503 than with half a minute.</summary>
    public static readonly TimeSpan MaxThrottledWait = TimeSpan.FromSeconds(10);

    // A job takes all throughput there is, so that it is throttled is how it goes, and nobody waits for one write of it.
    private const int MaxThrottledAttemptsInBulk = 1_000;
    private static readonly TimeSpan MaxThrottledWaitInBulk = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The switch under which the client tells of its operations, in spans of the source <c>Azure.Cosmos.Operation</c>. To be set before the
    /// first client is made.
    /// </summary>
    public const string TracingSwitch = "Azure.Experimental.EnableActivitySource";

    private static bool IsTraced => AppContext.TryGetSwitch(TracingSwitch, out bool isOn) && isOn;

    /// <exception cref="InvalidOperationException">The settings name no account.</exception>
    public static CosmosClient Create(CosmosSettings settings) => Create(settings, handlers: []);

    internal static CosmosClient Create(CosmosSettings settings, IReadOnlyList<RequestHandler> handlers)
    {
        ArgumentNullException.ThrowIfNull(settings);
        CosmosClientOptions options = Options(settings);
        foreach (RequestHandler handler in handlers)
        {
            options.CustomHandlers.Add(handler);
        }
        return settings switch
        {
            { ConnectionString: { } connection } => new CosmosClient(connection, options),
            { AccountEndpoint: { } account } => new CosmosClient(account.AbsoluteUri, Credential(settings), options),
            _ => throw new InvalidOperationException("The settings have neither a connection string nor an account endpoint."),
        };
    }

    /// <summary>The options alone, for callers that add to them.</summary>
    public static CosmosClientOptions Options(CosmosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        HttpMessageHandler? handler = settings.HttpHandler;
        return new CosmosClientOptions
        {
            ApplicationName = ApplicationName,
            ConnectionMode = settings.UseGateway ? ConnectionMode.Gateway : ConnectionMode.Direct,
            AllowBulkExecution = settings.InBulk,
            // A written item is never needed back: an append would otherwise return the whole commit.
            EnableContentResponseOnWrite = false,
            MaxRetryAttemptsOnRateLimitedRequests = settings.InBulk ? MaxThrottledAttemptsInBulk : MaxThrottledAttempts,
            MaxRetryWaitTimeOnRateLimitedRequests = settings.InBulk ? MaxThrottledWaitInBulk : MaxThrottledWait,
            // Items are written and read as JSON by this project; the client serializes nothing but query parameters.
            UseSystemTextJsonSerializerWithOptions = JsonSerializerOptions.Web,
            // Off unless wanted: the client would make an activity for every request, listener or not. The text of queries stays out of it.
            CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableDistributedTracing = !IsTraced },
            HttpClientFactory = handler is null ? null : () => new HttpClient(handler, disposeHandler: false),
        };
    }

    private static DefaultAzureCredential Credential(CosmosSettings settings)
    {
        DefaultAzureCredentialOptions options = new();
        if (settings.ManagedIdentityClientId is { } clientId)
        {
            options.ManagedIdentityClientId = clientId; // Otherwise it stays what the environment says.
        }
        return new DefaultAzureCredential(options);
    }
}
