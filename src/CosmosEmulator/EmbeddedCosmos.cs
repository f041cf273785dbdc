using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Faults;
using Serverless.CosmosEmulator.Hosting;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator;

/// <summary>
/// An account of Azure Cosmos DB for NoSQL in this process, in memory or in a directory. The unmodified SDK talks to it in Gateway mode:
/// <code>
/// await using var cosmos = EmbeddedCosmos.Create();
/// using var client = new CosmosClient(cosmos.ConnectionString, new() { ConnectionMode = ConnectionMode.Gateway, HttpClientFactory = cosmos.CreateClient });
/// </code>
/// Other programs reach it over HTTP once <see cref="ListenAsync"/> was called; then the factory is not needed.
/// </summary>
public sealed class EmbeddedCosmos : IAsyncDisposable
{
    // Nobody can be reached under this name, so a client without the handler fails at once instead of finding another server.
    private static readonly Uri InProcess = new("http://embedded-cosmos.invalid/");

    private readonly Lock gate = new();
    private readonly List<HttpListener> listeners = [];
    private readonly Account account;
    private readonly Pipeline pipeline;

    private EmbeddedCosmos(CosmosEmulatorOptions options)
    {
        account = new Account(options, () => Faults.HaveLag);
        pipeline = new Pipeline(account, Faults);
    }

    /// <summary>The account's address: the first one it listens on, else one that only <see cref="CreateHandler"/> serves.</summary>
    public Uri Endpoint
    {
        get
        {
            lock (gate)
            {
                return listeners.Count > 0 ? listeners[0].Address : InProcess;
            }
        }
    }

    /// <summary>What is to go wrong with requests of every client, in process and over HTTP.</summary>
    public FaultRules Faults { get; } = new();

    public string Key => account.Options.Key;

    public string ConnectionString => $"AccountEndpoint={Endpoint};AccountKey={Key};";

    /// <summary>
    /// Makes an account, or opens the one in <see cref="CosmosEmulatorOptions.DataDirectory"/>; throws a
    /// <see cref="StoreException"/> if that can't be used.
    /// </summary>
    public static EmbeddedCosmos Create(CosmosEmulatorOptions? options = null) => new(options ?? new CosmosEmulatorOptions());

    /// <summary>A handler for <c>HttpClientFactory</c>, good for any number of clients; it serves every address.</summary>
    public HttpMessageHandler CreateHandler() => new EmulatorMessageHandler(pipeline, account.Options.RequireKeyInProcess);

    /// <summary>What <c>HttpClientFactory</c> asks for.</summary>
    public HttpClient CreateClient() => new(CreateHandler(), disposeHandler: false);

    /// <summary>Serves the account on localhost too; port 0 takes any free one. Throws <see cref="PortTakenException"/>, <see cref="CertificateMissingException"/>.</summary>
    public async Task<Uri> ListenAsync(int port, CancellationToken cancellationToken)
    {
        ControlRoutes? control = account.Options.ControlOverHttp ? new ControlRoutes(account, Faults) : null;
        HttpListener listener = await HttpListener.StartAsync(pipeline, control, account.Options, port, cancellationToken);
        lock (gate)
        {
            listeners.Add(listener);
        }

        return listener.Address;
    }

    /// <summary>Splits the physical partition that has this range id in two, as the service does when a container grows.</summary>
    public Task SplitAsync(string database, string container, string rangeId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Container found = account.Databases.Find(database)?.Containers.Find(container)
            ?? throw new ArgumentException($"There is no container '{container}' in a database '{database}'.", nameof(container));
        return found.Split(rangeId)
            ? found.Journal?.WhenSafe() ?? Task.CompletedTask
            : throw new ArgumentException($"The container '{container}' has no range '{rangeId}' that can be split.", nameof(rangeId));
    }

    public async ValueTask DisposeAsync()
    {
        HttpListener[] open;
        lock (gate)
        {
            open = [.. listeners];
            listeners.Clear();
        }

        foreach (HttpListener listener in open)
        {
            await listener.DisposeAsync();
        }

        account.Dispose();
    }
}
