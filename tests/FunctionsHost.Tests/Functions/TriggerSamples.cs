using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

// These sources use nothing but the worker's API: they compile against the real packages too.
namespace Serverless.FunctionsHost.Tests.Functions;

/// <summary>What trigger functions were given, and what they are to do about it. A singleton of the test's app.</summary>
public sealed class Deliveries
{
    private readonly Lock gate = new();
    private readonly List<Delivery> all = [];

    /// <summary>Told of each delivery; throws when the function is to fail.</summary>
    public Func<Delivery, CancellationToken, Task> OnDelivery { get; set; } = (_, _) => Task.CompletedTask;

    public IReadOnlyList<Delivery> All
    {
        get
        {
            lock (gate)
            {
                return [.. all];
            }
        }
    }

    public async Task AddAsync(FunctionContext context, IEnumerable<string> ids)
    {
        var delivery = new Delivery(
            context.FunctionDefinition.Name, [.. ids], context.RetryContext?.RetryCount, context.RetryContext?.MaxRetryCount, context.InvocationId);
        lock (gate)
        {
            all.Add(delivery);
        }

        await OnDelivery(delivery, context.CancellationToken);
    }
}

public sealed record Delivery(string Function, IReadOnlyList<string> Ids, int? RetryCount, int? MaxRetryCount, string InvocationId)
{
    public override string ToString() => $"{Function} [{string.Join(' ', Ids)}] {RetryCount}/{MaxRetryCount}";
}

public sealed record Poco(string Id, int Number);

/// <summary>One function per way to take changes.</summary>
public sealed class PayloadSamples(Deliveries deliveries)
{
    [Function("Elements")]
    public Task Elements(
        [CosmosDBTrigger("db", "items", LeaseContainerPrefix = "elements", StartFromBeginning = true)] IReadOnlyList<JsonElement> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));

    [Function("Pocos")]
    public Task Pocos(
        [CosmosDBTrigger("db", "items", LeaseContainerPrefix = "pocos", StartFromBeginning = true)] IReadOnlyList<Poco> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => $"{change.Id}{change.Number}"));

    [Function("Text")]
    public Task Text(
        [CosmosDBTrigger("db", "items", LeaseContainerPrefix = "text", StartFromBeginning = true)] string changes, FunctionContext context) =>
        deliveries.AddAsync(context, [changes]);

    [Function("StringList")]
    public Task StringList(
        [CosmosDBTrigger("db", "items", LeaseContainerPrefix = "list", StartFromBeginning = true)] IReadOnlyList<string> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes);

    [Function("StringArray")]
    public Task StringArray(
        [CosmosDBTrigger("db", "items", LeaseContainerPrefix = "array", StartFromBeginning = true)] string[] changes, FunctionContext context) =>
        deliveries.AddAsync(context, changes);
}

/// <summary>One function per retry policy.</summary>
public sealed class NoRetrySample(Deliveries deliveries)
{
    [Function("NoRetry")]
    public Task NoRetry(
        [CosmosDBTrigger("db", "items", Connection = "Bank", LeaseContainerName = "leases", LeaseContainerPrefix = "%Consumer%-v1",
            StartFromBeginning = true, FeedPollDelay = 20)]
        IReadOnlyList<JsonElement> changes, FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

public sealed class TwoRetriesSample(Deliveries deliveries)
{
    [Function("TwoRetries"), FixedDelayRetry(2, "00:00:10")]
    public Task TwoRetries(
        [CosmosDBTrigger("db", "items", Connection = "Bank", StartFromBeginning = true, FeedPollDelay = 20)] IReadOnlyList<JsonElement> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

public sealed class EndlessRetrySample(Deliveries deliveries)
{
    [Function("Endless"), ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Endless(
        [CosmosDBTrigger("db", "items", Connection = "Bank", StartFromBeginning = true, FeedPollDelay = 20)] IReadOnlyList<JsonElement> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

public sealed class FromNowSample(Deliveries deliveries)
{
    [Function("FromNow"), FixedDelayRetry(-1, "00:00:01")]
    public Task FromNow(
        [CosmosDBTrigger("db", "items", Connection = "Bank", FeedPollDelay = 20)] IReadOnlyList<JsonElement> changes, FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

/// <summary>Two consumers of one container that share a lease container.</summary>
public sealed class TwoConsumersSample(Deliveries deliveries)
{
    [Function("First")]
    public Task First(
        [CosmosDBTrigger("db", "items", LeaseContainerPrefix = "first", StartFromBeginning = true, FeedPollDelay = 20)] IReadOnlyList<JsonElement> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));

    [Function("Second")]
    public Task Second(
        [CosmosDBTrigger("db", "items", LeaseContainerPrefix = "second", StartFromBeginning = true, FeedPollDelay = 20)] IReadOnlyList<JsonElement> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

public sealed class SmallPagesSample(Deliveries deliveries)
{
    [Function("SmallPages")]
    public Task SmallPages(
        [CosmosDBTrigger("db", "items", StartFromBeginning = true, MaxItemsPerInvocation = 1, FeedPollDelay = 3_600_000)] IReadOnlyList<JsonElement> changes,
        FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

public sealed class ShortLeaseSample(Deliveries deliveries)
{
    [Function("ShortLease"), FixedDelayRetry(-1, "00:00:01")]
    public Task ShortLease(
        [CosmosDBTrigger("db", "items", StartFromBeginning = true, FeedPollDelay = 20, LeaseAcquireInterval = 50, LeaseRenewInterval = 50,
            LeaseExpirationInterval = 500)]
        IReadOnlyList<JsonElement> changes, FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

public sealed class CreatesLeasesSample(Deliveries deliveries)
{
    [Function("CreatesLeases")]
    public Task CreatesLeases(
        [CosmosDBTrigger("db", "items", StartFromBeginning = true, FeedPollDelay = 20, CreateLeaseContainerIfNotExists = true)]
        IReadOnlyList<JsonElement> changes, FunctionContext context) =>
        deliveries.AddAsync(context, changes.Select(change => change.GetProperty("id").GetString()!));
}

public sealed class TextSample(Deliveries deliveries)
{
    [Function("WholeText")]
    public Task WholeText(
        [CosmosDBTrigger("db", "items", StartFromBeginning = true, FeedPollDelay = 20)] string changes, FunctionContext context) =>
        deliveries.AddAsync(context, [changes]);
}
