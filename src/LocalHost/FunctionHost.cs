using System.Globalization;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;
using Serverless.Functions.History;
using Serverless.Functions.Http;
using Serverless.Functions.Projections;
using Serverless.FunctionsHost;

namespace Serverless.LocalHost;

/// <summary>Puts the functions together with their database.</summary>
internal static class FunctionHost
{
    // How long a view may lag when the system is idle. Empty looks at an emulator cost nothing but a little time.
    private const string FeedPollDelay = "00:00:00.050";

    // Idle runs cost an emulator nothing either.
    private const string EmulatorSchedule = "*/5 * * * * *";

    // As the templates have it (infra/modules/function-app.bicep).
    private const string DeployedSchedule = "0 */5 * * * *";

    // Who builds a version here looks at the screen meanwhile.
    private const string TakeoverInterval = "00:00:01";

    // The first write of a process compiles the client's code first, which takes seconds on a machine that is busy.
    private const string RefusedPatience = "00:00:30";

    // Leases bear the host name of the account. With one name for an emulator, the next start goes on with them whatever port it has, and
    // several hosts share them however each was told where it is.
    private const string EmulatorHost = "localhost";

    /// <param name="options">What the command line says.</param>
    /// <param name="cosmos">The emulator in this process.</param>
    /// <param name="address">Where other processes reach it; a worker in this process does not need to.</param>
    /// <param name="handler">Reaches it without a network.</param>
    public static IHost OnEmulator(LocalHostOptions options, EmbeddedCosmos cosmos, Uri? address, HttpMessageHandler handler)
    {
        HostSetup setup = Create(options);
        UseEmulator(setup, address ?? cosmos.Endpoint, cosmos.Key);
        setup["FunctionsHost:TimerDirectory"] = options.DataDirectory is { } data ? Path.Combine(data, "timers") : null;
        setup.OverrideApp += services => services.AddSingleton(CosmosSettings.From(setup.Configuration) with { HttpHandler = handler });
        if (address is not null)
        {
            setup.Services.Configure<FunctionsHostOptions>(host => host.OwnRoutes[EmulatorFaults.Path] = new EmulatorFaults(address).HandleAsync);
        }
        setup.Services.AddSingleton<ITriggerCosmosClientFactory>(_ => new EmulatorClients(setup[CosmosSettings.ConnectionSetting]!, handler));
        return setup.Build();
    }

    /// <summary>Also says where the database is, if that is known without asking a client.</summary>
    public static (IHost Host, Uri? CosmosAddress) OnExisting(LocalHostOptions options)
    {
        HostSetup setup = Create(options);
        if (options.CosmosUrl is { IsLoopback: true } emulator)
        {
            UseEmulator(setup, emulator, new CosmosEmulatorOptions().Key); // The key of all emulators, which is public.
        }
        else if (options.CosmosUrl is { } account)
        {
            setup[CosmosSettings.ConnectionSetting] = null; // A connection string would win.
            setup[$"{CosmosSettings.ConnectionSetting}:accountEndpoint"] = account.AbsoluteUri;
        }
        if (string.IsNullOrWhiteSpace(setup[CosmosSettings.DatabaseSetting]))
        {
            setup[CosmosSettings.DatabaseSetting] = CosmosSettings.DefaultDatabase; // Triggers must have it as a setting.
        }
        RunTimers(setup, DeployedSchedule);
        Uri? address = ReadSettings(setup).AccountEndpoint ?? options.CosmosUrl;
        return (setup.Build(), address);
    }

    private static CosmosSettings ReadSettings(HostSetup setup)
    {
        try
        {
            return CosmosSettings.From(setup.Configuration);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static HostSetup Create(LocalHostOptions options)
    {
        HostSetup setup = new(options);
        if (string.IsNullOrWhiteSpace(setup[NextVersionFunctions.Setting]))
        {
            setup["AzureWebJobs.ProjectNextVersion.Disabled"] = "true";
        }
        foreach (ManagementRight right in Enum.GetValues<ManagementRight>())
        {
            setup[RoleRules.SettingOf(right)] ??= Caller.Anonymous; // Without keys every caller on this machine is anonymous.
        }
        setup[ImportFunctions.Setting] ??= "true";
        if (TimeSpan.TryParse(setup[OffsetTime.Setting], CultureInfo.InvariantCulture, out TimeSpan offset))
        {
            setup.OverrideApp += services => services.AddSingleton<TimeProvider>(new OffsetTime(offset));
        }
        return setup;
    }

    private static void UseEmulator(HostSetup setup, Uri address, string key)
    {
        Uri named = new UriBuilder(address) { Host = EmulatorHost }.Uri;
        setup[CosmosSettings.ConnectionSetting] = $"AccountEndpoint={named};AccountKey={key};";
        setup[CosmosSettings.DatabaseSetting] = CosmosSettings.DefaultDatabase;
        setup[CosmosSettings.ConnectionModeSetting] = "Gateway";
        setup[ServiceRegistration.ProvisionSetting] = "true";
        setup["FunctionsHost:FeedPollDelay"] = FeedPollDelay;
        RunTimers(setup, EmulatorSchedule);
        setup[$"{ServiceRegistration.ConsumersSection}:TakeoverInterval"] ??= TakeoverInterval;
        setup[$"{ServiceRegistration.RefusedCommandsSection}:Patience"] ??= RefusedPatience;
    }

    private static void RunTimers(HostSetup setup, string schedule)
    {
        setup[AuditFunctions.Setting] ??= schedule;
        setup[RetryFunctions.Setting] ??= schedule;
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
