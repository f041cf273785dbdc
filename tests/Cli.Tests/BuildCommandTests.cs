using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.Banking;
using Serverless.Cli.Tests.Support;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Cli.Tests;

/// <summary>A version filled in bulk, in a store of its own that no function feeds.</summary>
public sealed class BuildCommandTests(Bank bank) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cli-").FullName;

    private string Data => Path.Combine(folder, "data");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("account-summary")]
    [InlineData("account-statement")]
    [InlineData("customer-portfolio")]
    [InlineData("bank-totals")]
    public async Task What_is_built_is_what_the_feed_would_make_and_again_changes_nothing(string name)
    {
        StreamName[] streams = [await NewStreamAsync(100, 50), await NewStreamAsync(), await NewStreamAsync(25)];

        JsonNode built = (await BuildAsync(name, "--json")).MustEnd(ExitCodes.Ok).Json;
        (string[] documents, string?[] tags) = await OnDataAsync(async c => Told(await ListAsync(new CosmosViewStore(c.Views), name)));
        ToolRun again = (await BuildAsync(name, "--parallel", "2")).MustEnd(ExitCodes.Ok);
        (string[] fed, string?[] tagsAgain) = await OnDataAsync(async c =>
        {
            CosmosEventStore store = new(c.Events);
            InMemoryViewStore views = new();
            Projector projector = new(store, views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
            foreach (StreamName stream in streams)
            {
                await projector.ApplyAsync(Projection(name), await store.ReadAsync(stream, fromVersion: 1, Token).ToListAsync(Token), Token);
            }
            return (Told(await ListAsync(views, name)).Documents, Told(await ListAsync(new CosmosViewStore(c.Views), name)).Tags);
        });

        Assert.Equal((name, 1, 6), ((string?)built["projection"], (int)built["version"]!, (int)built["commits"]!));
        Assert.Equal(documents.Length, (int)built["documents"]!);
        Assert.NotEmpty(documents);
        Assert.Equal(fed, documents);
        Assert.Equal($"{name}@1 has everything of 6 commits; 0 documents were written with 0 events.\n", again.Output);
        Assert.Equal(tags, tagsAgain);
    }

    [Fact]
    public async Task It_may_run_beside_the_functions()
    {
        string stream = await bank.NewAccountAsync(100);

        JsonNode built = (await bank.RunAsync("store", "projection", "build", "account-summary", "--version", "1", "--json")).MustEnd(ExitCodes.Ok).Json;
        ToolRun rebuilt = (await bank.RunAsync("http", "projection", "rebuild", "account-summary", stream, "--reason", "to see", "--json")).MustEnd(ExitCodes.Ok);

        Assert.True((int)built["commits"]! >= 2);
        Assert.Equal((1, 0), ((int)rebuilt.Json["documents"]!, (int)rebuilt.Json["changed"]!));
    }

    [Fact]
    public async Task A_stream_that_can_not_be_read_is_told_and_the_others_are_built()
    {
        StreamName broken = await NewStreamAsync(100, 50);
        StreamName other = await NewStreamAsync(25);
        await OnDataAsync(async c =>
        {
            PartitionKey key = new(broken.Value);
            Dictionary<string, object> item = await c.Events.ReadItemAsync<Dictionary<string, object>>("0000000002", key, cancellationToken: Token);
            item["format"] = 99;
            return await c.Events.ReplaceItemAsync(item, "0000000002", key, cancellationToken: Token);
        });

        ToolRun told = (await BuildAsync("account-summary")).MustEnd(ExitCodes.No);
        JsonNode again = (await BuildAsync("account-summary", "--json")).MustEnd(ExitCodes.No).Json;
        (string Key, long Seen)[] views = await OnDataAsync(async c =>
            (await ListAsync(new CosmosViewStore(c.Views), "account-summary")).Select(i => (i.Key, i.Document.Seen.Values.Single())).ToArray());
        int parked = await OnDataAsync(c => new CosmosParkedStore(c.Parked).CountAsync("account-summary@1", ParkedStatus.Parked, Token));

        string[] lines = told.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith($"{broken} can't be processed from version 2 on: CommitFormatException: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("account-summary@1 has everything of 5 commits but of 1 streams; ", Assert.Single(lines[1..]), StringComparison.Ordinal);
        JsonNode poison = Assert.Single(again["poison"]!.AsArray())!;
        Assert.Equal((broken.Value, 2), ((string?)poison["stream"], (int)poison["version"]!));
        Assert.Contains((other.Id, 2), views);
        Assert.DoesNotContain(views, v => v.Key == broken.Id && v.Seen > 1);
        Assert.Equal(0, parked); // Its feed parks it, and has it on its schedule then.
    }

    [Fact]
    public async Task A_retired_version_is_refused_and_nothing_is_written()
    {
        await NewStreamAsync(100);
        ProjectionVersions record = new()
        {
            Projection = "account-summary",
            Versions =
            [
                new ProjectionVersion(1, VersionStatus.Retired, DateTimeOffset.UnixEpoch),
                new ProjectionVersion(2, VersionStatus.Serving, DateTimeOffset.UnixEpoch),
            ],
        };
        Assert.True(await OnDataAsync(c => new CosmosVersionStore(c.Consumers).TryWriteAsync(record, Token)));

        (await BuildAsync("account-summary")).MustFail(ExitCodes.No, "account-summary@1 is retired");

        Assert.Empty(await OnDataAsync(c => ListAsync(new CosmosViewStore(c.Views), "account-summary")));
    }

    [Theory]
    [InlineData(ExitCodes.NotFound, "There is no projection 'nothing' here. There is: account-statement, ", "nothing", "--version", "1")]
    [InlineData(ExitCodes.NotFound, "'bank-totals' has no version 9 in this tool. It has: 1.", "bank-totals", "--version", "9")]
    [InlineData(ExitCodes.Usage, "--version", "bank-totals")]
    [InlineData(ExitCodes.Usage, "--parallel", "bank-totals", "--version", "1", "--parallel", "0")]
    public async Task What_is_not_there_can_not_be_built(int exitCode, string why, params string[] command) =>
        (await bank.RunAsync("store", ["projection", "build", .. command])).MustFail(exitCode, why);

    [Fact]
    public async Task The_api_builds_from_its_feed() =>
        (await bank.RunAsync("http", "projection", "build", "bank-totals", "--version", "1")).MustFail(ExitCodes.Usage, "with --store");

    private Task<ToolRun> BuildAsync(string name, params string[] options) =>
        ToolRun.RunAsync(["projection", "build", name, "--version", "1", "--store", Data, .. options]);

    /// <summary>An account of the bank, copied into the store.</summary>
    private async Task<StreamName> NewStreamAsync(params long[] payments)
    {
        string stream = await bank.NewAccountAsync(payments);
        ToolRun exported = await bank.RunAsync("store", "export", "--stream", stream, "--out", "-");
        (await ToolRun.RunAsync(new ToolWorld { Input = exported.Output }, "import", "-", "--reason", "a copy", "--store", Data)).MustEnd(ExitCodes.Ok);
        return StreamName.Parse(stream);
    }

    private static IProjection Projection(string name) => BankingContext.Create().Projections.Single(p => p.Name == name);

    private static async Task<ViewItem[]> ListAsync(IViewStore views, string name)
    {
        List<ViewItem> items = [];
        foreach (ViewKind kind in Enum.GetValues<ViewKind>())
        {
            ViewPage page = await views.ListAsync(new ViewQuery(name, 1, kind, Key: null, NewestFirst: false, ViewLimits.MaxPageSize, Continuation: null), Token);
            Assert.Null(page.Continuation);
            items.AddRange(page.Items);
        }
        return [.. items.OrderBy(i => i.Key, StringComparer.Ordinal).ThenBy(i => i.Document.Id, StringComparer.Ordinal)];
    }

    private static (string[] Documents, string?[] Tags) Told(ViewItem[] items) => (
        [.. items.Select(i => $"{i.Key} {i.Document.Id} {i.Document.Kind} {string.Join(',', i.Document.Seen.OrderBy(s => s.Key, StringComparer.Ordinal))} {i.Document.AsOf:O} {Text(i.Document.Data)}")],
        [.. items.Select(i => i.Document.ETag)]);

    private static string? Text(ReadOnlyMemory<byte> json) => json.IsEmpty ? null : JsonNode.Parse(Encoding.UTF8.GetString(json.Span))!.ToJsonString();

    /// <summary>Opens the store between two runs of the tool: only one process or emulator can have it at a time.</summary>
    private async Task<T> OnDataAsync<T>(Func<(Container Events, Container Views, Container Parked, Container Consumers), Task<T>> look)
    {
        await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = Data });
        using HttpMessageHandler handler = cosmos.CreateHandler();
        using CosmosClient client = CosmosClients.Create(new CosmosSettings { ConnectionString = cosmos.ConnectionString, UseGateway = true, HttpHandler = handler });
        Database database = client.GetDatabase(CosmosSettings.DefaultDatabase);
        return await look((
            database.GetContainer(ContainerNames.Events), database.GetContainer(ContainerNames.Views),
            database.GetContainer(ContainerNames.Parked), database.GetContainer(ContainerNames.Consumers)));
    }
}
