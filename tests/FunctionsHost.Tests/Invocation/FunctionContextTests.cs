using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Invocation;

public sealed class FunctionContextTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_context_is_complete()
    {
        await using TestApp app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/context/7?q=1&code=secret");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("tracestate", "vendor=1");
        JsonElement data = await GetAsync(app, request);
        Assert.True(Guid.TryParse(data.GetProperty("InvocationId").GetString(), out _));
        Assert.Equal("Context", data.GetProperty("Name").GetString());
        Assert.Equal("Serverless.FunctionsHost.Tests.Functions.ContextSamples.Context", data.GetProperty("EntryPoint").GetString());
        Assert.Equal("Serverless.FunctionsHost.Tests.dll", data.GetProperty("Assembly").GetString());
        Assert.Equal(["request:HttpRequestData", "id:String", "context:FunctionContext"], Strings(data, "Parameters"));
        Assert.Equal(["request:httpTrigger:In"], Strings(data, "Inputs"));
        Assert.Equal(["$return:http:Out"], Strings(data, "Outputs"));
        Assert.Equal(["Headers", "Query", "id", "q"], Strings(data, "BindingKeys").Order(StringComparer.Ordinal));
        Assert.Equal("7", data.GetProperty("RouteId").GetString());
        Assert.False(data.GetProperty("HasRetry").GetBoolean());
        Assert.True(data.GetProperty("SameScope").GetBoolean());
        Assert.Equal("from outer", data.GetProperty("Item").GetString());
        Assert.Equal("a feature", data.GetProperty("Feature").GetString());

        // The host's span is a child of the caller's: same trace, its own id, same flags and state.
        var span = ActivityContext.Parse(data.GetProperty("TraceParent").GetString()!, data.GetProperty("TraceState").GetString());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId.ToString());
        Assert.NotEqual("b7ad6b7169203331", span.SpanId.ToString());
        Assert.Equal((ActivityTraceFlags.Recorded, "vendor=1"), (span.TraceFlags, span.TraceState));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a trace parent")]
    public async Task Without_a_caller_s_span_a_trace_begins_here(string? traceParent)
    {
        await using TestApp app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/context/7");
        if (traceParent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        }

        JsonElement data = await GetAsync(app, request);
        Assert.True(ActivityContext.TryParse(data.GetProperty("TraceParent").GetString(), null, out _));
        Assert.Equal("", data.GetProperty("TraceState").GetString());
    }

    [Fact]
    public async Task Invocations_differ_but_their_function_s_id_stays()
    {
        await using TestApp app = await StartAsync();
        JsonElement first = await app.Client.GetFromJsonAsync<JsonElement>("/api/context/1", Cancel);
        JsonElement second = await app.Client.GetFromJsonAsync<JsonElement>("/api/context/2", Cancel);
        Assert.NotEqual(first.GetProperty("InvocationId").GetString(), second.GetProperty("InvocationId").GetString());
        Assert.Equal(first.GetProperty("FunctionId").GetString(), second.GetProperty("FunctionId").GetString());
    }

    [Fact]
    public async Task Middleware_runs_in_the_order_it_was_added_around_the_function_and_its_scope()
    {
        await using TestApp app = await StartAsync();
        using HttpResponseMessage response = await app.Client.GetAsync("/api/context/7", Cancel);
        Assert.Equal(["yes"], response.Headers.GetValues("X-Outer"));
        Assert.Equal(
            ["outer before Context", "inner before GET", "function", "inner after", "outer after", "scope ended"],
            app.Host.Services.GetRequiredService<Journal>().Lines);
    }

    [Fact]
    public async Task Conditional_middleware_runs_only_for_what_its_condition_names()
    {
        await using TestApp app = await TestApp.StartAsync(builder =>
        {
            AddServices(builder.Services);
            builder.UseWhen<InnerMiddleware>(context => context.FunctionDefinition.Name == "Wait");
            builder.UseMiddleware(async (context, next) =>
            {
                context.InstanceServices.GetRequiredService<Journal>().Add("inline");
                await next();
            });
        }, classes: typeof(ContextSamples));
        using HttpResponseMessage response = await app.Client.GetAsync("/api/context/7", Cancel);
        Assert.Equal(["inline", "function", "scope ended"], app.Host.Services.GetRequiredService<Journal>().Lines);
    }

    [Fact]
    public async Task Middleware_can_answer_for_a_function_that_threw()
    {
        await using TestApp app = await TestApp.StartAsync(builder => builder.UseMiddleware<RescueMiddleware>(), classes: typeof(FailingSamples));
        using HttpResponseMessage response = await app.Client.GetAsync("/api/throw", Cancel);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
    }

    [Fact]
    public async Task The_token_fires_when_the_caller_goes_away()
    {
        await using TestApp app = await TestApp.StartAsync(builder => AddServices(builder.Services), classes: typeof(WaitingSamples));
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<HttpResponseMessage> call = app.Client.GetAsync("/api/wait", caller.Token);
        await WaitForAsync(app, "waiting");
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await WaitForAsync(app, "cancelled");
    }

    [Fact]
    public async Task The_token_fires_when_the_host_stops_and_the_call_is_still_answered()
    {
        await using TestApp app = await TestApp.StartAsync(builder => AddServices(builder.Services), classes: typeof(WaitingSamples));
        Task<HttpResponseMessage> call = app.Client.GetAsync("/api/wait", Cancel);
        await WaitForAsync(app, "waiting");
        await app.Host.StopAsync(Cancel);
        using HttpResponseMessage response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(builder =>
    {
        AddServices(builder.Services);
        builder.UseMiddleware<OuterMiddleware>();
        builder.UseMiddleware<InnerMiddleware>();
    }, classes: typeof(ContextSamples));

    private static void AddServices(IServiceCollection services) => services.AddSingleton<Journal>().AddScoped<ScopedThing>();

    private static Task WaitForAsync(TestApp app, string line) =>
        Wait.UntilAsync(() => app.Host.Services.GetRequiredService<Journal>().Lines.Contains(line));

    private static async Task<JsonElement> GetAsync(TestApp app, HttpRequestMessage request)
    {
        using HttpResponseMessage response = await app.Client.SendAsync(request, Cancel);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private static IEnumerable<string?> Strings(JsonElement data, string name) =>
        data.GetProperty(name).EnumerateArray().Select(item => item.GetString());
}
