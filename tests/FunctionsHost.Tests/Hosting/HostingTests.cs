using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Serverless.FunctionsHost.Hosting;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Hosting;

public sealed class HostingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task A_taken_port_is_one_clear_exception(string name)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using TestApp app = TestApp.Create(args: name == "localhost" ? ["--port", $"{port}"] : ["--urls", $"http://{name}:{port}"], classes: typeof(OneRoute));
        AddressTakenException taken = await Assert.ThrowsAsync<AddressTakenException>(() => app.Host.StartAsync(Cancel));
        Assert.Equal($"http://{name}:{port}", taken.Address);
        Assert.StartsWith($"http://{name}:{port} is taken by another program", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_kept_back_is_one_clear_exception_with_the_reason()
    {
        // No machine has an address of the block for documentation.
        await using TestApp app = TestApp.Create(args: ["--urls", "http://192.0.2.1:7071"], classes: typeof(OneRoute));
        AddressTakenException refused = await Assert.ThrowsAsync<AddressTakenException>(() => app.Host.StartAsync(Cancel));
        Assert.Matches(@"^http://192\.0\.2\.1:7071 can't be listened on \(.+\)\. Choose another port with --port\.$", refused.Message);
    }

    [Theory]
    [InlineData("""{ "IsEncrypted": false, "Values": { "Greeting": "hello", "Section__Key": "deep" }, "Host": { "LocalHttpPort": 0 } }""")]
    public async Task Local_settings_are_settings_and_may_name_the_port(string localSettings)
    {
        await using TestApp app = TestApp.Create(localSettings: localSettings, args: [], classes: typeof(OneRoute));
        var configuration = app.Host.Services.GetRequiredService<IConfiguration>();
        Assert.Equal(("hello", "deep"), (configuration["Greeting"], configuration["Section:Key"]));
        await app.Host.StartAsync(Cancel);
        Assert.NotEqual(FunctionsHostOptions.DefaultPort, app.Client.BaseAddress!.Port);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/api/one", Cancel)).StatusCode);
    }

    [Fact]
    public async Task Arguments_win_over_local_settings()
    {
        await using TestApp app = TestApp.Create(
            localSettings: """{ "Values": { "Greeting": "from the file" } }""", args: ["--Greeting", "from the arguments"], classes: typeof(OneRoute));
        Assert.Equal("from the arguments", app.Host.Services.GetRequiredService<IConfiguration>()["Greeting"]);
    }

    [Fact]
    public void Local_settings_reach_a_worker_process_where_nothing_else_is_set()
    {
        string directory = Directory.CreateTempSubdirectory("settings-").FullName;
        try
        {
            File.WriteAllText(
                Path.Combine(directory, "local.settings.json"),
                """{ "Values": { "Greeting": "hello", "Section:Key": "deep", "Known": "file" }, "ConnectionStrings": { "Db": "somewhere" } }""");
            Dictionary<string, string?> environment = new() { ["Known"] = "environment" };

            LocalSettings.AddTo(environment, directory);

            Assert.Equal(
                new() { ["Known"] = "environment", ["Greeting"] = "hello", ["Section__Key"] = "deep", ["ConnectionStrings__Db"] = "somewhere" }, environment);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("{ ", "is not valid JSON")]
    [InlineData("{}", "must say \"version\": \"2.0\"")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "soon" }""", "functionTimeout is 'soon'")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "00:00:00.5" }""", "functionTimeout is '00:00:00.5'")]
    public void A_faulty_host_json_stops_the_start(string hostJson, string fault)
    {
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => TestApp.Create(hostJson: hostJson, classes: typeof(OneRoute)));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_levels_come_from_host_json_unless_a_setting_says_otherwise()
    {
        await using TestApp app = TestApp.Create(
            hostJson: """{ "version": "2.0", "logging": { "logLevel": { "default": "Error", "Function.One": "Debug", "Function.Two": "Debug" } } }""",
            args: ["--Logging:LogLevel:Function.Two", "Critical"],
            classes: typeof(OneRoute));
        ILoggerFactory loggers = app.Host.Services.GetRequiredService<ILoggerFactory>();
        Assert.Equal(
            (false, true, true, false, true),
            (loggers.CreateLogger("Any").IsEnabled(LogLevel.Warning), loggers.CreateLogger("Any").IsEnabled(LogLevel.Error),
                loggers.CreateLogger("Function.One").IsEnabled(LogLevel.Debug),
                loggers.CreateLogger("Function.Two").IsEnabled(LogLevel.Error), loggers.CreateLogger("Function.Two").IsEnabled(LogLevel.Critical)));
    }

    [Fact]
    public async Task A_function_that_exceeds_its_time_is_cancelled_and_answered_500()
    {
        var time = new FakeTimeProvider();
        await using TestApp app = await TestApp.StartAsync(
            builder => builder.Services.AddSingleton<Journal>().AddSingleton<TimeProvider>(time),
            """{ "version": "2.0", "functionTimeout": "00:00:10" }""", typeof(WaitingSamples));
        Journal journal = app.Host.Services.GetRequiredService<Journal>();
        Task<HttpResponseMessage> call = app.Client.GetAsync("/api/wait", Cancel);
        await time.AdvanceToNextTimerAsync(() => journal.Lines.Contains("waiting") && !call.IsCompleted, TimeSpan.FromSeconds(10));

        using HttpResponseMessage response = await call;
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(["waiting", "cancelled"], journal.Lines);
        Assert.Single(app.Logs.Entries, entry => entry.Exception is FunctionTimeoutException);
    }

    [Fact]
    public async Task More_requests_than_host_json_allows_are_answered_429()
    {
        const string HostJson = """{ "version": "2.0", "extensions": { "http": { "maxOutstandingRequests": 1 } } }""";
        await using TestApp app = await TestApp.StartAsync(builder => builder.Services.AddSingleton<Journal>(), HostJson, typeof(WaitingSamples));
        Journal journal = app.Host.Services.GetRequiredService<Journal>();
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<HttpResponseMessage> first = app.Client.GetAsync("/api/wait", caller.Token);
        await Wait.UntilAsync(() => journal.Lines.Contains("waiting"));

        using HttpResponseMessage second = await app.Client.GetAsync("/api/wait", Cancel);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task The_list_of_functions_names_methods_and_addresses()
    {
        await using TestApp app = await TestApp.StartAsync(
            builder => builder.Configuration["AzureWebJobs.List.Disabled"] = "true", classes: [typeof(OneRoute), typeof(HiddenRoute)]);
        string list = app.Host.Services.GetRequiredService<FunctionList>().Format(new Uri("http://localhost:7071/"));
        Assert.Equal(
            "\nFunctions:\n\n\tDetails: [GET] http://localhost:7071/api/products/{id}\n\n\tOne: [GET] http://localhost:7071/api/one\n\n\tList: disabled\n\n",
            list);
    }

    [Fact]
    public async Task Hosted_services_of_the_application_start_before_the_first_request_can_come()
    {
        Uri? during = null;
        await using TestApp app = await TestApp.StartAsync(
            builder => builder.Services.AddHostedService(services => new Probe(() =>
            {
                Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<FunctionsHostAddress>().BaseAddress);
                during = new Uri("http://checked");
            })),
            classes: typeof(OneRoute));
        Assert.NotNull(during);
    }

    private sealed class Probe(Action check) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            check();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
