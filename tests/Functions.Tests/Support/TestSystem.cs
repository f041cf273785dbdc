using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.Functions.ApiDescription;
using Serverless.Functions.Commands;
using Serverless.Functions.Console;
using Serverless.Functions.Health;
using Serverless.Functions.History;
using Serverless.Functions.Http;
using Serverless.Functions.Management;
using Serverless.Functions.Streams;
using Serverless.Functions.Views;
using Serverless.FunctionsHost;

namespace Serverless.Functions.Tests.Support;

/// <summary>The HTTP functions of the bank behind a real server on a free port, with stores in memory and a clock that stands still.</summary>
public sealed class TestSystem : IAsyncLifetime
{
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    private readonly Dictionary<string, string?> settings;
    private readonly Action<FunctionsApplicationBuilder>? configure;
    private readonly string directory = Directory.CreateTempSubdirectory("functions-").FullName;
    private readonly Lazy<ApiContract> contract;
    private IHost? host;

    public TestSystem()
        : this([])
    {
    }

    internal TestSystem(Dictionary<string, string?> settings, Action<FunctionsApplicationBuilder>? configure = null)
    {
        this.settings = settings;
        this.configure = configure;
        contract = new(() => new ApiContract(JsonNode.Parse(host!.Services.GetRequiredService<ApiDocument>().Body.Span)!.AsObject()));
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false, RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 });
    }

    /// <summary>What the functions serve; the bank, unless a test has something of its own.</summary>
    internal BoundedContext Context { get; init; } = BankingContext.Create();

    /// <summary>Whether no feed has ever caught up.</summary>
    internal bool IsNew { get; init; }

    /// <summary>Given to another system, that one has the same past.</summary>
    public InMemoryEventStore Commits { get; init; } = new();

    public FaultyEventStore Events => field ??= new FaultyEventStore(Commits);

    public InMemoryViewStore Views { get; } = new();

    public InMemoryInboxStore Inbox => field ??= new InMemoryInboxStore(Time);

    public FaultyRefusedStore Refused
    {
        get => field ??= new FaultyRefusedStore(new InMemoryRefusedCommandStore(Time));
        init;
    }

    public InMemoryFenceStore Fences { get; init; } = new();

    public InMemoryParkedStore Parked { get; } = new();

    public InMemoryActionStore Actions { get; } = new();

    public InMemoryConsumerStore Records { get; } = new();

    public FakeFeeds Feeds { get; } = new();

    public InMemoryVersionStore Versions { get; } = new();

    public FakeProbe Storage { get; } = new();

    public FakeTimeProvider Time { get; } = new(Now);

    public RecordedLogs Logs { get; } = new();

    public HttpClient Client { get; }

    public static async Task<TestSystem> StartAsync(
        Dictionary<string, string?>? settings = null, Action<FunctionsApplicationBuilder>? configure = null)
    {
        TestSystem system = new(settings ?? [], configure);
        await system.InitializeAsync();
        return system;
    }

    public async ValueTask InitializeAsync()
    {
        // An empty directory: no settings and no host.json of somebody's working copy.
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(["--port", "0", "--contentRoot", directory]);
        builder.AddFunctionsHost(typeof(TestSystem).Assembly);
        foreach ((string name, string? value) in settings)
        {
            builder.Configuration[name] = value;
        }
        foreach (ManagementRight right in settings.Keys.Any(s => s.StartsWith("Roles:manage", StringComparison.Ordinal)) ? [] : Enum.GetValues<ManagementRight>())
        {
            builder.Configuration[RoleRules.SettingOf(right)] = Caller.Anonymous;
        }
        builder.Configuration[ImportFunctions.Setting] ??= "true";
        builder.Logging.ClearProviders().AddProvider(Logs);
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton<IEventStore>(Events);
        builder.Services.AddSingleton<ICommitLog>(Commits);
        builder.Services.AddSingleton<IViewStore>(Views);
        builder.Services.AddSingleton<IFenceStore>(Fences);
        builder.Services.AddSingleton<IInboxStore>(Inbox);
        builder.Services.AddSingleton<IRefusedCommandStore>(Refused);
        builder.Services.AddSingleton<IParkedStore>(Parked);
        builder.Services.AddSingleton<IActionStore>(Actions);
        builder.Services.AddSingleton<IConsumerStore>(Records);
        builder.Services.AddSingleton<IVersionStore>(Versions);
        builder.Services.AddSingleton<IConsumerFeeds>(Feeds);
        builder.Services.AddSingleton<ICommitFeed>(new FakeCommitFeed());
        builder.Services.AddSingleton<IStorageProbe>(Storage);
        builder.Services.Configure<FunctionsHostOptions>(options =>
        {
            options.PrintFunctions = false;
            foreach (Type type in (Type[])
            [
                typeof(CommandFunctions), typeof(CommandStatusFunctions), typeof(StreamFunctions), typeof(ViewFunctions), typeof(HealthFunctions),
                typeof(ParkedFunctions), typeof(ConsumerFunctions), typeof(ActionFunctions), typeof(ProjectionFunctions), typeof(ProjectionKeyFunctions),
                typeof(HistoryFunctions), typeof(TrialFunctions), typeof(IntegrityFunctions), typeof(StoreFunctions), typeof(ImportFunctions), typeof(WhatIfFunctions),
                typeof(RecentFunctions), typeof(OverviewFunctions), typeof(ModelFunctions), typeof(ConsoleFunctions),
                typeof(ErrorPageFunctions), typeof(ApiDescriptionFunctions), typeof(ApiPageFunctions), typeof(UnmatchedRoute),
            ])
            {
                options.FunctionClasses.Add(type);
            }
        });
        foreach (IGrouping<string, IProjection> projection in Context.Projections.GroupBy(p => p.Name).Where(_ => !IsNew))
        {
            ProjectionVersions record = ProjectionVersions.First(projection.Key, [.. projection.Select(p => p.Version)], Now);
            await Versions.TryWriteAsync(record.CaughtUp(record.Serving, Now), CancellationToken.None);
        }
        builder.AddFunctions(Context);
        configure?.Invoke(builder);
        host = builder.Build();
        await host.StartAsync();
        Client.BaseAddress = new Uri(host.Services.GetRequiredService<FunctionsHostAddress>().BaseAddress, "api/");
    }

    /// <summary>Sends a body as JSON with a Content-Length, as a client of Functions has to.</summary>
    public Task<Answer> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Json(body), headers);

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        Answer answer = await Answer.OfAsync(response);
        contract.Value.Check(method, path, answer);
        return answer;
    }

    public static ByteArrayContent Json(string body, string contentType = "application/json") =>
        Bytes(System.Text.Encoding.UTF8.GetBytes(body), contentType);

    public static ByteArrayContent Bytes(byte[] body, string contentType = "application/json") =>
        new(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };

    /// <summary>An open account with some money, under an id that no other test has.</summary>
    public async Task<string> OpenAccountAsync(long minorUnits = 0, string owner = "ada")
    {
        string id = Guid.NewGuid().ToString("N");
        Assert.Equal(201, (await PostAsync($"account/{id}/open", $$"""{"owner":"{{owner}}","currency":"EUR"}""")).Status);
        if (minorUnits > 0)
        {
            Assert.Equal(200, (await DepositAsync(id, minorUnits)).Status);
        }
        return id;
    }

    public Task<Answer> DepositAsync(string id, long minorUnits, params (string Name, string Value)[] headers) =>
        PostAsync($"account/{id}/deposit", $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""", headers);

    /// <summary>Brings every view up to date with a stream, as the change feed would.</summary>
    public async Task ProjectAsync(string id)
    {
        List<Commit> commits = [];
        await foreach (Commit commit in Events.ReadAsync(StreamName.Create("account", id), 1, TestContext.Current.CancellationToken))
        {
            commits.Add(commit);
        }
        Projector projector = new(Events, Views, new NetworkFaults(), Time, new ProjectorOptions());
        foreach (IProjection projection in Context.Projections)
        {
            await projector.ApplyAsync(projection, commits, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Gives documents to the function on the feed of the inbox.</summary>
    public Task RunFeedAsync(params string[] documents) => ActivatorUtilities.CreateInstance<InboxFunctions>(host!.Services).RunAsync(
        [.. documents.Select(d => System.Text.Json.JsonElement.Parse(d))], TestContext.Current.CancellationToken);

    /// <summary>Executes everything that waits in the inbox, as its change feed would.</summary>
    public async Task RunInboxAsync()
    {
        InboxRunner runner = host!.Services.GetRequiredService<InboxRunner>();
        for (InboxPage page = Inbox.ReadFeed("0", int.MaxValue); !page.IsEnd; page = Inbox.ReadFeed(page.Position, int.MaxValue))
        {
            await runner.HandleAsync(page.Changes, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets the clock run until the answer is there.</summary>
    public async Task<Answer> LetTimePassAsync(Task<Answer> pending)
    {
        while (!pending.IsCompleted)
        {
            Time.Advance(HttpLimits.FirstLookAtView);
            await Task.WhenAny(pending, Task.Delay(1, TestContext.Current.CancellationToken));
        }
        return await pending;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (host is not null)
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
        Directory.Delete(directory, recursive: true);
    }
}
