using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;
using Serverless.LocalWorker;

namespace Serverless.LocalHost;

/// <summary>Puts the functions together with their database.</summary>
internal static class FunctionHost
{
    // How long a view may lag when the system is idle. Empty looks at an emulator cost nothing but a little time.
    private const string FeedPollDelay = "00:00:00.050";

    // Who builds a version here looks at the screen meanwhile.
    private const string TakeoverInterval = "00:00:01";

    // The first write of a process compiles the client's code first, which takes seconds on a machine that is busy.
    private const string RefusedPatience = "00:00:30";

    // Leases bear the host name of the account. With one name for an emulator, the next start goes on with them whatever port it has, and
    // several hosts share them however each was told where it is.
    private const string EmulatorHost = "localhost";

    public static IHost OnEmulator(LocalHostOptions options, EmbeddedCosmos cosmos, HttpMessageHandler handler)
    {
        FunctionsApplicationBuilder builder = CreateBuilder(options);
        UseEmulator(builder.Configuration, cosmos.Endpoint, cosmos.Key);
        Add(builder, options);
        builder.Services.AddSingleton(CosmosSettings.From(builder.Configuration) with { HttpHandler = handler });
        builder.Services.AddSingleton<ITriggerCosmosClientFactory>(_ => new EmulatorClients(builder.Configuration[CosmosSettings.ConnectionSetting]!, handler));
        return builder.Build();
    }

    /// <summary>Also says where the database is, if that is known without asking a client.</summary>
    public static (IHost Host, Uri? CosmosAddress) OnExisting(LocalHostOptions options)
    {
        FunctionsApplicationBuilder builder = CreateBuilder(options);
        if (options.CosmosUrl is { IsLoopback: true } emulator)
        {
            UseEmulator(builder.Configuration, emulator, new CosmosEmulatorOptions().Key); // The key of all emulators, which is public.
        }
        else if (options.CosmosUrl is { } account)
        {
            builder.Configuration[CosmosSettings.ConnectionSetting] = null; // A connection string would win.
            builder.Configuration[$"{CosmosSettings.ConnectionSetting}:accountEndpoint"] = account.AbsoluteUri;
        }
        if (string.IsNullOrWhiteSpace(builder.Configuration[CosmosSettings.DatabaseSetting]))
        {
            builder.Configuration[CosmosSettings.DatabaseSetting] = CosmosSettings.DefaultDatabase; // Triggers must have it as a setting.
        }
        Uri? address = ReadSettings(builder.Configuration).AccountEndpoint ?? options.CosmosUrl;
        Add(builder, options);
        return (builder.Build(), address);
    }

    private static CosmosSettings ReadSettings(IConfiguration configuration)
    {
        try
        {
            return CosmosSettings.From(configuration);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static FunctionsApplicationBuilder CreateBuilder(LocalHostOptions options)
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([]);
        foreach ((string name, string? value) in options.Settings)
        {
            builder.Configuration[name] = value;
        }
        foreach (ManagementRight right in Enum.GetValues<ManagementRight>())
        {
            builder.Configuration[RoleRules.SettingOf(right)] ??= Caller.Anonymous; // Without keys every caller on this machine is anonymous.
        }
        if (string.IsNullOrWhiteSpace(builder.Configuration[NextVersionFunctions.Setting]))
        {
            builder.Configuration["AzureWebJobs.ProjectNextVersion.Disabled"] = "true";
        }
        builder.Configuration["port"] = $"{options.Port}";
        builder.Configuration["Logging:LogLevel:Default"] = options.IsVerbose ? "Information" : "Warning"; // host.json speaks for the cloud.
        // A start that fails is told by who started it; the host's own log of it is a page of stack.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        return builder;
    }

    private static void UseEmulator(ConfigurationManager configuration, Uri address, string key)
    {
        Uri named = new UriBuilder(address) { Host = EmulatorHost }.Uri;
        configuration[CosmosSettings.ConnectionSetting] = $"AccountEndpoint={named};AccountKey={key};";
        configuration[CosmosSettings.DatabaseSetting] = CosmosSettings.DefaultDatabase;
        configuration[CosmosSettings.ConnectionModeSetting] = "Gateway";
        configuration[ServiceRegistration.ProvisionSetting] = "true";
        configuration["LocalWorker:FeedPollDelay"] = FeedPollDelay;
        configuration[$"{ServiceRegistration.ConsumersSection}:TakeoverInterval"] ??= TakeoverInterval;
        configuration[$"{ServiceRegistration.RefusedCommandsSection}:Patience"] ??= RefusedPatience;
    }

    private static void Add(FunctionsApplicationBuilder builder, LocalHostOptions options)
    {
        builder.Services.Configure<LocalWorkerOptions>(worker =>
        {
            worker.PrintFunctions = options.IsVerbose;
            worker.FunctionAssemblies.Add(typeof(ServiceRegistration).Assembly);
        });
        builder.AddServerless(BankingContext.Create());
    }

    /// <summary>A client with the options of the Functions host, which are not those of the stores.</summary>
    private sealed class EmulatorClients(string connectionString, HttpMessageHandler handler) : ITriggerCosmosClientFactory, IDisposable
    {
        private readonly CosmosClient client = new(connectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(handler, disposeHandler: false),
        });

        public CosmosClient GetClient(string connection, IReadOnlyList<string> preferredRegions) => client;

        public void Dispose() => client.Dispose();
    }
}
