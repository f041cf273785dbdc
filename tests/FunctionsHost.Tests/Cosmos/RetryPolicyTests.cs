using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Invocation;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Cosmos;

/// <summary>The attempts that a batch gets under each policy, without a database.</summary>
public sealed class RetryPolicyTests
{
    private const string Batch = """[{"id":"a"},{"id":"b"}]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fact_2_without_a_policy_there_is_one_attempt_and_its_failure_is_logged()
    {
        await using TestApp app = await StartAppAsync<NoRetrySample>();
        Deliveries deliveries = Of(app);
        deliveries.OnDelivery = (_, _) => throw new InvalidOperationException("no");
        Exception? fault = await RunAsync(app);
        Assert.Equal("System.InvalidOperationException: no", Assert.IsType<FunctionFailedException>(fault).Message);
        Assert.Contains(nameof(Fact_2_without_a_policy_there_is_one_attempt_and_its_failure_is_logged), fault.StackTrace, StringComparison.Ordinal);
        Delivery only = Assert.Single(deliveries.All);
        Assert.Equal("NoRetry [a b] /", only.ToString()); // No policy, no retry context.
        Assert.Single(app.Logs.Entries, entry => entry.Level == LogLevel.Error && entry.Exception == fault);
    }

    [Fact]
    public async Task Fact_3_a_finite_policy_of_2_makes_3_attempts_after_equal_delays_and_gives_up()
    {
        await using TestApp app = await StartAppAsync<TwoRetriesSample>();
        Deliveries deliveries = Of(app);
        ObservedTime time = TimeOf(app);
        deliveries.OnDelivery = (_, _) => throw new InvalidOperationException("no");
        Task<Exception?> run = RunAsync(app);
        for (int attempts = 1; attempts < 3; attempts++)
        {
            Assert.Equal(TimeSpan.FromSeconds(10), await time.PassDelayAsync());
        }

        Assert.NotNull(await run);
        Assert.Equal(["TwoRetries [a b] 0/2", "TwoRetries [a b] 1/2", "TwoRetries [a b] 2/2"], deliveries.All.Select(d => d.ToString()));
        Assert.Single(deliveries.All.Select(delivery => delivery.InvocationId).Distinct());
        Assert.Contains(app.Logs.Entries, e => e.Level == LogLevel.Error && e.Message == "All 2 retries of 'TwoRetries' have failed: the batch is skipped");
    }

    [Fact]
    public async Task A_batch_that_succeeds_on_a_retry_is_done()
    {
        await using TestApp app = await StartAppAsync<TwoRetriesSample>();
        Deliveries deliveries = Of(app);
        ObservedTime time = TimeOf(app);
        deliveries.OnDelivery = (delivery, _) => delivery.RetryCount < 1 ? throw new InvalidOperationException("no") : Task.CompletedTask;
        Task<Exception?> run = RunAsync(app);
        await time.PassDelayAsync();
        Assert.Null(await run);
        Assert.Equal(2, deliveries.All.Count);
    }

    [Fact]
    public async Task Fact_4_a_count_of_minus_1_goes_on_with_growing_delays_until_it_succeeds()
    {
        await using TestApp app = await StartAppAsync<EndlessRetrySample>();
        Deliveries deliveries = Of(app);
        ObservedTime time = TimeOf(app);
        deliveries.OnDelivery = (delivery, _) => delivery.RetryCount < 40 ? throw new InvalidOperationException("no") : Task.CompletedTask;
        Task<Exception?> run = RunAsync(app);
        for (int attempts = 1; attempts <= 40; attempts++)
        {
            await time.PassDelayAsync();
        }

        Assert.Null(await run);
        Assert.Equal(41, deliveries.All.Count);
        Assert.All(deliveries.All, delivery => Assert.Equal(-1, delivery.MaxRetryCount));
    }

    [Fact]
    public async Task Fact_7_a_stop_fires_the_token_and_breaks_the_delay()
    {
        await using TestApp app = await StartAppAsync<EndlessRetrySample>();
        Deliveries deliveries = Of(app);
        deliveries.OnDelivery = (_, _) => throw new InvalidOperationException("no");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<Exception?> run = RunAsync(app, stopping.Token);
        await app.Logs.WaitForAsync(entry => entry.Message.StartsWith("Waiting for 00:00:01", StringComparison.Ordinal));
        await stopping.CancelAsync();
        Assert.IsType<FunctionFailedException>(await run);
        Assert.Single(deliveries.All);
        Assert.Contains(app.Logs.Entries, entry => entry.Message.StartsWith("The host stops", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fact_7_a_stop_reaches_the_running_function()
    {
        await using TestApp app = await StartAppAsync<NoRetrySample>();
        Deliveries deliveries = Of(app);
        deliveries.OnDelivery = (_, token) => Task.Delay(Timeout.Infinite, token);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<Exception?> run = RunAsync(app, stopping.Token);
        await stopping.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await run);
        Assert.DoesNotContain(
            app.Logs.Entries, entry => entry.Level >= LogLevel.Warning && entry.Category == "Function.NoRetry"); // Cancellation is not a failure.
    }

    [Theory]
    [InlineData("Elements", "Elements [a b] /")]
    [InlineData("Pocos", "Pocos [a1 b2] /")]
    [InlineData("Text", """Text [[{"id":"a","number":1},{"id":"b","number":2}]] /""")]
    public async Task Fact_16_lists_of_elements_and_objects_and_the_whole_text_can_be_bound(string function, string delivered)
    {
        await using TestApp app = await StartAppAsync<PayloadSamples>();
        Deliveries deliveries = Of(app);
        Assert.Null(await RunAsync(app, Cancel, function, """[{"id":"a","number":1},{"id":"b","number":2}]"""));
        Assert.Equal(delivered, Assert.Single(deliveries.All).ToString());
    }

    [Theory]
    [InlineData("StringList")]
    [InlineData("StringArray")]
    public async Task Fact_16_lists_of_strings_fail_at_run_time_and_count_as_a_throw(string function)
    {
        await using TestApp app = await StartAppAsync<PayloadSamples>();
        Deliveries deliveries = Of(app);
        Assert.EndsWith("FunctionInputConverterException", Assert.IsType<FunctionFailedException>(await RunAsync(app, Cancel, function)).Type, StringComparison.Ordinal);
        Assert.Empty(deliveries.All);
    }

    [Fact]
    public void Delays_double_with_a_fifth_of_randomness_up_to_the_maximum()
    {
        var delays = new RetryDelays(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(2));
        Assert.Equal(TimeSpan.FromSeconds(2), delays.Next());
        foreach (int growth in (int[])[2, 4, 8, 16, 32, 64])
        {
            Assert.InRange(delays.Next().TotalSeconds, 2 + (growth * 0.8), 2 + (growth * 1.2));
        }

        delays.Next(); // Between 104 and 156 seconds, cut at the maximum.
        Assert.All(Enumerable.Range(0, 2000), _ => Assert.Equal(TimeSpan.FromMinutes(2), delays.Next()));
    }

    [Fact]
    public void A_minimum_of_zero_stays_zero()
    {
        var delays = new RetryDelays(TimeSpan.Zero, TimeSpan.FromMinutes(2));
        Assert.All(Enumerable.Range(0, 2000), _ => Assert.Equal(TimeSpan.Zero, delays.Next()));
    }

    private static Deliveries Of(TestApp app) => app.Host.Services.GetRequiredService<Deliveries>();

    private static ObservedTime TimeOf(TestApp app) => (ObservedTime)app.Host.Services.GetRequiredService<TimeProvider>();

    // Without the database that its trigger names: the function runs all the same.
    private static Task<TestApp> StartAppAsync<T>() => TestApp.StartAsync(
        builder => builder.Services.AddSingleton<Deliveries>().AddSingleton<TimeProvider>(new ObservedTime()), classes: typeof(T));

    private static Task<Exception?> RunAsync(TestApp app, CancellationToken? cancellationToken = null, string? function = null, string batch = Batch)
    {
        HostedFunction found = app.Host.Services.GetRequiredService<FunctionCatalog>().Functions.Single(f => function is null || f.Name == function);
        return app.Host.Services.GetRequiredService<RetryingInvoker>().TryRunAsync(found, batch, "test", cancellationToken ?? Cancel);
    }
}
