using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Telemetry;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Telemetry;

/// <summary>What an exporter gets of a request, from its command to the views, the steps and the inbox that come of it.</summary>
public sealed class TelemetryTests : IAsyncDisposable
{
    private readonly ConsumerSystem system = ConsumerSystem.Create();
    private readonly ConcurrentQueue<Activity> spans = [];
    private readonly List<Metric> metrics = [];

    public TelemetryTests() => system.Configure = services => services.AddOpenTelemetry()
        .WithServerless()
        .WithTracing(traces => traces.AddProcessor(new Keep(spans)))
        .WithMetrics(m => m.AddInMemoryExporter(metrics, reader => reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = int.MaxValue));

    public ValueTask DisposeAsync() => system.DisposeAsync();

    [Fact]
    public async Task A_projection_links_to_the_span_of_the_command_that_caused_it()
    {
        using Api api = await system.StartHostAsync();
        string id = await api.NewAccountAsync();
        (string trace, string header) = NewTrace();

        Assert.Equal(200, (await api.DepositAsync(id, 7, ("traceparent", header))).Status);

        Activity command = await SpanAsync(s => s.DisplayName == "execute account.deposit" && $"{s.TraceId}" == trace);
        Activity projection = await SpanAsync(s => s.DisplayName == "process account-summary@1" && s.Links.Any(l => l.Context.SpanId == command.SpanId));
        Assert.Equal(command.TraceId, projection.Links.Single(l => l.Context.SpanId == command.SpanId).Context.TraceId);
        Assert.NotEqual(command.TraceId, projection.TraceId);
        Answer commits = await api.GetAsync($"manage/streams/account-{id}/commits");
        Assert.Equal(command.Id, (string?)commits.Json["commits"]![1]!["traceParent"]);

        // Function → command → append → what the client of the database did.
        Activity function = await SpanAsync(s => s.SpanId == command.ParentSpanId);
        Assert.Equal((TelemetryRegistration.WorkerSource, "Invoke"), (function.Source.Name, function.DisplayName)); // The worker names no function there.
        Activity append = await SpanAsync(s => s.DisplayName == "append account" && s.ParentSpanId == command.SpanId);
        Activity create = await SpanAsync(s => s.ParentSpanId == append.SpanId);
        Assert.Equal(TelemetryRegistration.CosmosSource, create.Source.Name);
        Assert.True(create.Recorded);
        Assert.Equal("events", Tag(create, "db.collection.name"));
        Assert.NotNull(create.GetTagItem("azure.cosmosdb.request.request_charge"));
    }

    [Fact]
    public async Task A_look_at_an_idle_feed_is_not_exported()
    {
        using Api api = await system.StartHostAsync();

        Activity look = await SpanAsync(s => s.Source.Name == TelemetryRegistration.CosmosSource && s.ParentId is null);

        Assert.False(look.Recorded);
    }

    [Fact]
    public async Task A_command_for_later_links_to_the_request_that_brought_it()
    {
        using Api api = await system.StartHostAsync();
        string id = await api.NewAccountAsync();
        (string trace, string header) = NewTrace();

        Assert.Equal(202, (await api.DepositAsync(id, 7, ("traceparent", header), ("Prefer", "respond-async"))).Status);

        Activity execution = await SpanAsync(s => s.DisplayName == "process inbox@1" && s.Links.Any(l => $"{l.Context.TraceId}" == trace));
        Activity command = await SpanAsync(s => s.DisplayName == "execute account.deposit" && s.ParentSpanId == execution.SpanId);
        Assert.Equal("accepted", Tag(command, "serverless.command.outcome"));
        await SpanAsync(s => s.DisplayName == "process account-summary@1" && s.Links.Any(l => l.Context.SpanId == command.SpanId));
    }

    [Fact]
    public async Task A_step_of_a_process_links_to_the_command_before_it_and_the_next_one_to_the_step()
    {
        using Api api = await system.StartHostAsync();
        string from = await api.NewAccountAsync(minorUnits: 100);
        string to = await api.NewAccountAsync();
        (string trace, string header) = NewTrace();

        Assert.Equal(201, (await api.PostAsync(
            $"transfer/{Api.NewId()}/request",
            $$"""{"from":"{{from}}","to":"{{to}}","amount":{"minorUnits":30,"currency":"EUR"} }""",
            ("traceparent", header))).Status);

        Activity request = await SpanAsync(s => s.DisplayName == "execute transfer.request" && $"{s.TraceId}" == trace);
        Activity debit = await SpanAsync(s => s.DisplayName == "step transfer-process.debit" && s.Links.Any(l => l.Context.SpanId == request.SpanId));
        Activity debited = await SpanAsync(s => s.DisplayName == "execute account.debit-for-transfer" && s.ParentSpanId == debit.SpanId);
        await SpanAsync(s => s.DisplayName == "step transfer-process.mark-debited" && s.Links.Any(l => l.Context.SpanId == debited.SpanId));
    }

    [Fact]
    public async Task Metrics_have_the_names_and_units_that_the_operations_guide_says()
    {
        using Api api = await system.StartHostAsync();
        string id = await api.NewAccountAsync(minorUnits: 5);
        Assert.Equal(422, (await api.WithdrawAsync(id, 6)).Status);
        Assert.Equal(200, (await api.SeeAsync($"account-summary/{id}", id, 2)).Status);

        Dictionary<string, string> expected = OperationsGuide.Metrics();
        // Those of lag come with the second collection, when they were measured; what counts mishaps comes with the first mishap.
        string[] always = [.. expected.Keys.Where(m => m is not (
            "serverless.command.conflicts" or "serverless.command.retries" or "serverless.consumer.lost_races" or "serverless.consumer.failures"
            or "serverless.consumer.parked" or "serverless.consumer.retries" or "serverless.consumer.unparked" or "serverless.consumer.healed"
            or "serverless.consumer.audited" or "serverless.refused_commands.recorded" or "serverless.refused_commands.lost"))];
        Dictionary<string, string> exported = [];
        await Eventually.TrueAsync(() =>
        {
            system.Find<MeterProvider>()!.ForceFlush();
            foreach (Metric metric in metrics)
            {
                exported[metric.Name] = metric.Unit;
            }
            return Task.FromResult(always.All(exported.ContainsKey));
        }, () => $"{string.Join(',', always.Except(exported.Keys))} were not exported.");

        Assert.Empty(exported.Keys.Except(expected.Keys)); // Nothing that the guide does not explain.
        Assert.All(exported, m => Assert.Equal(expected[m.Key], m.Value));
    }

    [Fact]
    public async Task Spans_hold_nothing_of_what_commands_say_nor_keys_of_views()
    {
        using Api api = await system.StartHostAsync();
        string id = Api.NewId();
        string owner = $"owner{Api.NewId()}"; // A member of the command and the event, and the key of a view.
        string reason = $"reason{Api.NewId()}";
        (string trace, string header) = NewTrace();
        Assert.Equal(201, (await api.OpenAsync(id, owner)).Status);
        Assert.Equal(200, (await api.PostAsync($"account/{id}/freeze", $$"""{"reason":"{{reason}}"}""", ("traceparent", header))).Status);
        Assert.Equal(422, (await api.PostAsync($"account/{id}/freeze", $$"""{"reason":"{{reason}} again"}""")).Status);
        Activity freeze = await SpanAsync(s => s.DisplayName == "execute account.freeze" && $"{s.TraceId}" == trace);
        await SpanAsync(s => s.DisplayName == "process customer-portfolio@1" && s.Links.Any(l => l.Context.SpanId == freeze.SpanId));

        Assert.All(spans, s =>
        {
            string text = string.Join('\n', [
                s.DisplayName, s.StatusDescription, .. s.TagObjects.Select(t => $"{t.Key}={t.Value}"), .. s.Events.SelectMany(e => e.Tags).Select(t => $"{t.Value}")]);
            Assert.DoesNotContain(owner, text, StringComparison.Ordinal);
            Assert.DoesNotContain(reason, text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Metrics_name_no_stream_and_no_actor()
    {
        using Api api = await system.StartHostAsync();
        string id = await api.NewAccountAsync(minorUnits: 5);
        await api.SeeAsync($"account-summary/{id}", id, 2);
        system.Find<MeterProvider>()!.ForceFlush();

        HashSet<string> tags = [];
        foreach (Metric metric in metrics)
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                foreach (KeyValuePair<string, object?> tag in point.Tags)
                {
                    tags.Add(tag.Key);
                    Assert.DoesNotContain(id, $"{tag.Value}", StringComparison.Ordinal);
                }
            }
        }
        Assert.Empty(tags.Except(
            ["serverless.category", "serverless.command.name", "serverless.command.outcome", "serverless.cache.result", "serverless.consumer.name"]));
    }

    private async Task<Activity> SpanAsync(Func<Activity, bool> condition)
    {
        await Eventually.TrueAsync(() => Task.FromResult(spans.Any(condition)), () => string.Join('\n', spans.Select(s => s.DisplayName).Distinct()));
        return spans.First(condition);
    }

    private static (string Trace, string Header) NewTrace()
    {
        string trace = $"{ActivityTraceId.CreateRandom()}";
        return (trace, $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
    }

    private static string? Tag(Activity span, string name) => (string?)span.GetTagItem(name);

    private sealed class Keep(ConcurrentQueue<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Enqueue(data);
    }
}
