using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.EventSourcing;

namespace Serverless.Banking.Tests.Evolution;

/// <summary>A bank in memory that starts from exported commits, and all that can be seen of it: states, snapshots and views.</summary>
internal sealed class StoredBank
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly InMemoryEventStore store = new();
    private readonly InMemoryViewStore views = new();
    private readonly InMemoryFenceStore fences = new();
    private readonly BoundedContext context = BankingContext.Create();
    private readonly IReadOnlyDictionary<string, IAggregateEndpoint> aggregates;
    private readonly ConsumerRunner runner;
    private readonly InMemoryParkedStore parked = new();
    private int commands;

    public StoredBank()
    {
        aggregates = context.Bind(store, TimeProvider.System, new CommandHandlerOptions());
        Projector projector = new(store, views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
        runner = new ConsumerRunner(
            projector, parked, TimeProvider.System, new ConsumerOptions { MaxAttempts = 1 }, new ConsumerMonitor(TimeProvider.System));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Takes in a file of commits, each under the seal it has there.</summary>
    public async Task<long> ImportAsync(string file)
    {
        await using FileStream source = File.OpenRead(file);
        long written = 0;
        await foreach (ImportProgress progress in new CommitImport(store).RunAsync(source, Token))
        {
            written = progress.Written;
        }
        return written;
    }

    public async Task<CommandOutcome> SendAsync(string category, string id, string command, string body) =>
        await aggregates[category].ExecuteAsync(
            StreamName.Create(category, id),
            command,
            Encoding.UTF8.GetBytes(body),
            new CommandContext { CommandId = $"new-{++commands}", Actor = "test" },
            Token);

    /// <summary>Feeds every projection with everything that is stored, and the process until it has nothing more to do.</summary>
    public async Task CatchUpAsync(bool withProcess = true)
    {
        ProcessConsumer process = new(TransferProcess.Process, aggregates, fences, new ProcessStarts(context, fences, TimeProvider.System));
        for (int before = -1, after = 0; withProcess && before != after;)
        {
            before = (await CommitsAsync()).Count;
            await DeliverAsync(process);
            after = (await CommitsAsync()).Count;
        }
        foreach (IProjection projection in context.Projections)
        {
            await DeliverAsync(projection);
        }
        foreach (IConsumer consumer in (IConsumer[])[.. context.Projections, process])
        {
            Assert.Empty((await parked.ListAsync(consumer.FullName, 10, null, Token)).Items);
        }
    }

    public async Task<JsonNode> StateAsync(string category, string id)
    {
        StateDocument? state = await aggregates[category].ReadStateAsync(StreamName.Create(category, id), Token);
        return JsonNode.Parse(state!.State.Span)!;
    }

    public IAggregateHistory HistoryOf(string category) => aggregates[category].History;

    /// <summary>Every commit of every stream.</summary>
    public async Task<IReadOnlyList<Commit>> CommitsAsync()
    {
        List<Commit> commits = [];
        await foreach (JsonElement item in store.ReadAllItemsAsync(Token))
        {
            commits.Add(CommitJson.Read(item));
        }
        return commits;
    }

    /// <summary>States and views as they are stored and shown.</summary>
    public async Task<string> PortraitAsync()
    {
        JsonObject states = [];
        foreach (StreamName stream in (await CommitsAsync()).Select(c => c.Stream).Distinct().OrderBy(s => s.Value, StringComparer.Ordinal))
        {
            states[stream.Value] = await StateAsync(stream.Category, stream.Id);
        }
        JsonObject documents = [];
        foreach (IProjection projection in context.Projections)
        {
            foreach (ViewKind kind in (ViewKind[])[ViewKind.View, ViewKind.Entry])
            {
                ViewQuery query = new(projection.Name, projection.Version, kind, Key: null, NewestFirst: false, ViewLimits.MaxPageSize, Continuation: null);
                foreach (ViewItem item in (await views.ListAsync(query, Token)).Items)
                {
                    documents[$"{projection.Name}/{item.Key}/{item.Document.Id}"] = JsonNode.Parse(item.Document.Data.Span);
                }
            }
        }
        return new JsonObject { ["states"] = states, ["views"] = documents }.ToJsonString(Indented) + "\n";
    }

    private async Task DeliverAsync(IConsumer consumer) =>
        await runner.HandleAsync(consumer, [.. (await CommitsAsync()).Where(c => consumer.Categories.Contains(c.Stream.Category)).Select(Delivery.Of)], Token);
}
