using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.FaultHarness.Checks;

namespace Serverless.FaultHarness.Load;

/// <summary>
/// What no consumer and no command can get past, planted before the load begins: in streams of its own, whose names say so. It must end
/// as parked streams and failed commands of exactly these, while everything else goes on.
/// </summary>
internal sealed class Poison(RawStore store, Uri api) : IDisposable
{
    private const string Mark = "poison";
    private const string StrayStream = $"a {Mark} that names no stream";
    private const string Consumers = "account-statement@1 account-summary@1 bank-totals@1 customer-portfolio@1 transfer-process@1";

    // Documents that are no commits are listed by stream and id.
    private static readonly string[] Strays = [$"{Uri.EscapeDataString(StrayStream)}:{Mark}-stray", $":{Mark}-lost"];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Deeper than any event of the bank, and less than what the readers of JSON refuse by themselves.
    private static readonly string Deep = string.Concat(Enumerable.Repeat("[", 55)) + string.Concat(Enumerable.Repeat("]", 55));

    private readonly HttpClient http = new();

    /// <summary>Who must have parked which stream in the end.</summary>
    public static IReadOnlySet<(string Consumer, string Stream)> Parked { get; } = new HashSet<(string, string)>(
    [
        .. Consumers.Split(' ').Select(consumer => (consumer, $"account-{Mark}-type")),
        .. Consumers.Split(' ').Select(consumer => (consumer, $"account-{Mark}-gap")),
        .. Consumers.Split(' ').SelectMany(consumer => Strays.Select(stray => (consumer, stray))),
        ("account-summary@1", $"account-{Mark}-view"),
        ("transfer-process@1", $"transfer-{Mark}-target"),
    ]);

    public static bool Is(string stream) => stream.Contains(Mark, StringComparison.Ordinal);

    public async Task PlantAsync(CancellationToken cancellationToken)
    {
        await PostAsync($"account/{Mark}-source/open", """{"owner":"poison","currency":"CHF"}""", HttpStatusCode.Created, cancellationToken);
        await PostAsync($"account/{Mark}-source/deposit", """{"amount":{"minorUnits":100,"currency":"CHF"}}""", HttpStatusCode.OK, cancellationToken);
        await PostAsync($"account/{Mark}-view/open", """{"owner":"poison","currency":"CHF"}""", HttpStatusCode.Created, cancellationToken);
        await PlantCommitsAsync(cancellationToken);
        await PlantViewAsync(cancellationToken);
        await PlantInboxAsync(cancellationToken);

        // A step whose target can't be decided.
        await PostAsync(
            $"transfer/{Mark}-target/request",
            $$$"""{"from":"{{{Mark}}}-source","to":"{{{Mark}}}-type","amount":{"minorUnits":1,"currency":"CHF"}}""",
            HttpStatusCode.Created,
            cancellationToken);

        // What can't become a command never reaches the store.
        await PostAsync($"account/{Mark}-source/deposit", """{"amount":{"minorUnits":1e999,"currency":"CHF"}}""", HttpStatusCode.BadRequest, cancellationToken);
        await PostAsync($"account/{Mark}-source/freeze", $$"""{"reason":{{Deep}}}""", HttpStatusCode.BadRequest, cancellationToken);
    }

    public void Dispose() => http.Dispose();

    /// <summary>An event of no known type; a stream that begins in its middle; documents that are no commits.</summary>
    private async Task PlantCommitsAsync(CancellationToken cancellationToken)
    {
        List<JsonElement> opened = await store.ReadAsync("events", $"SELECT * FROM c WHERE c.stream = 'account-{Mark}-source' AND c.id = '0000000001'", cancellationToken);
        JsonObject Copy(string stream)
        {
            var copy = (JsonObject)JsonNode.Parse(opened.Single().GetRawText())!;
            (copy["stream"], copy["commandId"]) = (stream, $"{Mark}.{stream}");
            return copy;
        }
        JsonObject unknown = Copy($"account-{Mark}-type");
        unknown["events"]![0]!["type"] = "account.exploded";
        await store.PutAsync("events", unknown, $"account-{Mark}-type", cancellationToken);
        JsonObject late = Copy($"account-{Mark}-gap");
        late["id"] = "0000000002";
        await store.PutAsync("events", late, $"account-{Mark}-gap", cancellationToken);
        await store.PutAsync("events", new JsonObject { ["id"] = $"{Mark}-stray", ["stream"] = StrayStream }, StrayStream, cancellationToken);
        await store.PutAsync("events", new JsonObject { ["id"] = $"{Mark}-lost" }, partitionKey: null, cancellationToken);
    }

    /// <summary>A stored view that today's class can't read.</summary>
    private async Task PlantViewAsync(CancellationToken cancellationToken)
    {
        const string query = $"SELECT * FROM c WHERE c.projection = 'account-summary@1' AND IS_DEFINED(c.seen[\"account-{Mark}-view\"])";
        List<JsonElement> found = [];
        while (found.Count == 0)
        {
            await Task.Delay(Pause, cancellationToken);
            found = await store.ReadAsync("views", query, cancellationToken);
        }
        var view = (JsonObject)JsonNode.Parse(found[0].GetRawText())!;
        view["data"] = "no summary";
        await store.PutAsync("views", view, (string)view["partition"]!, cancellationToken);
        await PostAsync($"account/{Mark}-view/deposit", """{"amount":{"minorUnits":1,"currency":"CHF"}}""", HttpStatusCode.OK, cancellationToken);
    }

    /// <summary>A command of no known type. One that lacks what a command needs was sent by nobody, so nobody waits for it.</summary>
    private async Task PlantInboxAsync(CancellationToken cancellationToken)
    {
        string stream = $"account-{Mark}-source";
        JsonObject unknown = new()
        {
            ["id"] = $"{Mark}-unknown",
            ["stream"] = stream,
            ["format"] = 1,
            ["status"] = "pending",
            ["commandId"] = $"{Mark}-unknown",
            ["command"] = new JsonObject { ["type"] = "explode", ["data"] = new JsonObject() },
            ["actor"] = "nobody",
            ["correlationId"] = Mark,
            ["received"] = "2026-01-01T00:00:00.0000000Z",
        };
        await store.PutAsync("commands", unknown, stream, cancellationToken);
    }

    private async Task PostAsync(string path, string body, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(new Uri(api, path), content, cancellationToken);
        string text = await answer.Content.ReadAsStringAsync(cancellationToken);
        CounterexampleException.ThrowUnless(answer.StatusCode == expected, () => $"POST {path} {body} was answered with {(int)answer.StatusCode} and not {(int)expected}: {text}");
    }
}
