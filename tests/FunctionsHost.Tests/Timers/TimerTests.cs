using System.Net;
using System.Net.Http.Headers;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;
using Serverless.FunctionsHost.Timers;

namespace Serverless.FunctionsHost.Tests.Timers;

public sealed class TimerTests : IDisposable
{
    private static readonly DateTimeOffset HalfPastNine = new(2026, 11, 30, 9, 30, 0, TimeSpan.Zero);

    private readonly string directory = Directory.CreateTempSubdirectory("timers-").FullName;
    private readonly FakeTimeProvider time = new(HalfPastNine);
    private readonly Journal journal = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("0 */5 * * * *", "09:35:00")]
    [InlineData("30 15 10 * * *", "10:15:30")]
    [InlineData("*/5 * * * *", "09:35:00")] // Five fields: no seconds.
    [InlineData("00:45:00", "10:15:00")]
    public void A_schedule_is_ncrontab_or_a_time_span(string schedule, string next) =>
        Assert.Equal(next, $"{TimerSchedule.Parse(schedule).NextAfter(HalfPastNine):HH:mm:ss}");

    [Theory]
    [InlineData("every hour")]
    [InlineData("61 * * * * *")]
    [InlineData("-00:05:00")]
    public void What_is_no_schedule_is_refused_with_an_example(string schedule) =>
        Assert.Contains("Use NCRONTAB such as", Assert.Throws<FormatException>(() => TimerSchedule.Parse(schedule)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_function_runs_when_it_is_due_and_not_on_start()
    {
        await using TestApp app = await StartAsync();
        time.Advance(TimeSpan.FromMinutes(29));
        Assert.Empty(journal.Lines);
        await time.AdvanceToNextTimerAsync(() => journal.Lines.Count == 0, TimeSpan.FromMinutes(1));
        Assert.Equal("ran, past due: False, next: 10:00, retry: False", journal.Lines[0]);
    }

    [Fact]
    public async Task One_run_at_a_time_and_what_it_overlaps_is_left_out()
    {
        TaskCompletionSource finish = new();
        journal.Gate = finish.Task;
        await using TestApp app = await StartAsync(hostJson: """{"version":"2.0","functionTimeout":"-1"}""");
        await time.AdvanceToNextTimerAsync(() => journal.Lines.Count == 0, TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromHours(3));
        Assert.Single(journal.Lines);
        journal.Gate = Task.CompletedTask;
        finish.SetResult();
        await app.Logs.WaitForAsync(e => e.Message.StartsWith("Executed 'Functions.EveryHour' (Succeeded", StringComparison.Ordinal));
        await time.AdvanceToNextTimerAsync(() => journal.Lines.Count == 1, TimeSpan.FromMinutes(1));
        Assert.StartsWith("ran, past due: False", journal.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_missed_while_the_host_was_down_is_made_up_for_once()
    {
        await using (TestApp app = await StartAsync(keepsStatus: true))
        {
            await Wait.UntilAsync(() => File.Exists(Path.Combine(directory, "EveryHour.json")));
        }
        time.Advance(TimeSpan.FromHours(5));
        await using TestApp again = await StartAsync(keepsStatus: true);
        await Wait.UntilAsync(() => journal.Lines.Count == 1);
        Assert.Equal("ran, past due: True, next: 10:00, retry: False", journal.Lines[0]);
        await time.AdvanceToNextTimerAsync(() => journal.Lines.Count == 1, TimeSpan.FromMinutes(1));
        Assert.StartsWith("ran, past due: False, next: 15:00", journal.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schedule_may_be_a_setting_and_what_runs_often_keeps_no_status()
    {
        await using TestApp app = await StartAsync(typeof(ConfiguredTimerSamples), builder => builder.Configuration["Schedule"] = "*/10 * * * * *");
        await time.AdvanceToNextTimerAsync(() => journal.Lines.Count == 0, TimeSpan.FromSeconds(10));
        Assert.Equal("configured, status: False", journal.Lines[0]);
    }

    [Fact]
    public async Task A_schedule_that_is_none_disables_its_function_and_no_other()
    {
        await using TestApp app = await StartAsync(typeof(ConfiguredTimerSamples));
        Assert.Contains(app.Logs.Entries, e => e.Level == LogLevel.Error
            && e.Message.StartsWith("The 'Configured' function is in error and stays disabled", StringComparison.Ordinal)
            && e.Message.Contains("there is no setting 'Schedule'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_cancels_the_run_and_keeps_it_due()
    {
        journal.Gate = new TaskCompletionSource().Task;
        await using (TestApp app = await StartAsync(keepsStatus: true))
        {
            await time.AdvanceToNextTimerAsync(() => journal.Lines.Count == 0, TimeSpan.FromMinutes(1));
        }
        journal.Gate = Task.CompletedTask;
        await using TestApp again = await StartAsync(keepsStatus: true);
        await Wait.UntilAsync(() => journal.Lines.Count == 2);
        Assert.Equal("ran, past due: True, next: 10:00, retry: False", journal.Lines[1]);
    }

    [Theory]
    [InlineData("/admin/functions/everyhour", "master-key", "application/json", 202)]
    [InlineData("/admin/functions/everyhour", "host-key", "application/json", 401)]
    [InlineData("/admin/functions/everyhour", null, "application/json", 401)]
    [InlineData("/admin/functions/everyhour", "master-key", "text/plain", 415)] // What a page of another site could send.
    [InlineData("/admin/functions/unknown", "master-key", "application/json", 404)]
    public async Task An_operator_can_have_it_run_now(string path, string? key, string contentType, int status)
    {
        await using TestApp app = await StartAsync(typeof(TimerSamples), builder =>
        {
            builder.Configuration["FunctionsHost:RequireKeys"] = "true";
            builder.Configuration["FunctionsHost:Keys:Master"] = "master-key";
            builder.Configuration["FunctionsHost:Keys:Host:default"] = "host-key";
        });
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent("{}", new MediaTypeHeaderValue(contentType)) };
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key);
        }
        using HttpResponseMessage response = await app.Client.SendAsync(request, Cancel);
        Assert.Equal(status, (int)response.StatusCode);
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            await Wait.UntilAsync(() => journal.Lines.Count == 1);
        }
    }

    private Task<TestApp> StartAsync(Type? functions = null, Action<FunctionsApplicationBuilder>? configure = null, bool keepsStatus = false, string? hostJson = null) =>
        TestApp.StartAsync(builder =>
        {
            builder.Services.AddSingleton(journal).AddSingleton<TimeProvider>(time);
            if (keepsStatus)
            {
                builder.Configuration["FunctionsHost:TimerDirectory"] = directory;
            }
            configure?.Invoke(builder);
        }, hostJson: hostJson, classes: functions ?? typeof(TimerSamples));
}
