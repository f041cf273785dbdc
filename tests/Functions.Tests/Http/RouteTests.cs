using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

public sealed class RouteTests(TestSystem system) : IClassFixture<TestSystem>
{
    // Words that stand in routes, words that could be mistaken for them, and ordinary ones.
    private static readonly string[] Words =
        ["views", "VIEWS", "health", "manage", "docs", "assets", "errors", "openapi.json", "consumers", "actions", "auditor", "verify", "export", "import", "parked", "retry", "events", "entries", "account", "account-summary", "deposit", "open", "x", "7", "Account", "a-b"];

    [Fact]
    public void No_two_functions_fit_the_same_request_but_the_one_for_everything_else()
    {
        (string Name, string[] Methods, Func<string, bool> Fits)[] routes =
        [
            .. FunctionTable.Http.Where(f => f.Trigger.Route != Routes.Anything).Select(f => (f.Name, f.Trigger.Methods!, Matcher(f.Trigger.Route!))),
        ];

        foreach (string path in Paths())
        {
            foreach (string method in (string[])["get", "head", "post"])
            {
                string[] fitting = [.. routes.Where(r => r.Methods.Contains(method) && r.Fits(path)).Select(r => r.Name)];
                Assert.True(fitting.Length <= 1, $"{method} {path} fits {string.Join(" and ", fitting)}.");
            }
        }
    }

    [Fact]
    public void The_function_for_everything_else_is_the_last_by_name() =>
        Assert.Equal(Routes.Anything, FunctionTable.Http[^1].Trigger.Route);

    [Fact]
    public void The_methods_that_a_405_names_are_those_of_the_functions()
    {
        var aggregates = BankingContext.Create().Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions());
        (string, string)[] known =
        [
            ("health", "health"), ("health/live", Routes.HealthLive), ("health/ready", Routes.HealthReady), ("docs/errors/busy", Routes.ErrorPage), ("openapi.json", Routes.ApiDescription), ("docs", Routes.ApiPage), ("docs/assets/x.css", Routes.ApiPageFile),
            ("console", Routes.Console), ("console/assets/x.css", Routes.ConsoleFile),
            ("views", "views"), ("views/account-summary", "views/{view}"), ("views/account-summary/7", "views/{view}/{key}"),
            ("views/account-statement/7/entries", "views/{view}/{key}/entries"), ("account/7", Routes.State), ("account/7/events", Routes.Events),
            ("account/7/deposit", Routes.Command), ("account/7/commands/c1", Routes.CommandStatus),
            ("manage/consumers", Routes.Consumers), ("manage/consumers/c@1", Routes.Consumer), ("manage/auditor", Routes.Auditor),
            ("manage/consumers/c@1/parked", Routes.Parked), ("manage/consumers/c@1/retry", Routes.RetryAll), ("manage/actions", Routes.Actions),
            ("manage/consumers/c@1/parked/account-7", Routes.ParkedStream),
            ("manage/consumers/c@1/parked/account-7/retry", Routes.ParkedRetry),
            ("manage/consumers/c@1/parked/account-7/discard", Routes.ParkedDiscard),
            ("manage/streams/account-7", Routes.PastState), ("manage/streams/account-7/commits", Routes.Commits),
            ("manage/streams/account-7/explain", Routes.Explain), ("manage/streams/account-7/reconsider", Routes.Reconsider),
            ("manage/streams/account-7/verify", Routes.Verify), ("manage/streams/account-7/try/open", Routes.Try),
            ("manage/streams/account-7/refused", Routes.Refused), ("manage/reconsider", Routes.ReconsiderCategory),
            ("manage/commits", Routes.RecentCommits), ("manage/streams", Routes.Streams), ("manage/refused", Routes.RecentRefused),
            ("manage/parked", Routes.AllParked), ("manage/inbox", Routes.Inbox), ("manage/lag", Routes.Lag), ("manage/model", Routes.Model),
            ("manage/conversations/c", Routes.Conversation),
            ("manage/verify", Routes.VerifyAll), ("manage/export", Routes.Export), ("manage/import", Routes.Import),
            ("manage/projections", Routes.Projections), ("manage/projections/p", Routes.Projection),
            ("manage/projections/p/serve", Routes.ProjectionServe), ("manage/projections/p/pause", Routes.ProjectionPause),
            ("manage/projections/p/resume", Routes.ProjectionResume), ("manage/projections/p/retire", Routes.ProjectionRetire),
            ("manage/projections/p/rebuild", Routes.ProjectionRebuild), ("manage/projections/p/keys/7", Routes.ProjectionKey),
        ];

        foreach ((string path, string route) in known)
        {
            string methods = string.Join(", ", FunctionTable.Http.Single(f => f.Trigger.Route == route).Trigger.Methods!).ToUpperInvariant();
            Assert.Equal(methods, Routes.MethodsAt(path.Split('/'), aggregates));
        }
        Assert.Equal(known.Length + 1, FunctionTable.Http.Count);
    }

    [Theory]
    [InlineData("DELETE", "health", "GET, HEAD")]
    [InlineData("POST", "views", "GET, HEAD")]
    [InlineData("POST", "views/account-summary", "GET, HEAD")]
    [InlineData("POST", "views/account-summary/7", "GET, HEAD")]
    [InlineData("POST", "VIEWS/account-summary/7", "GET, HEAD")]
    [InlineData("PUT", "views/account-statement/7/entries", "GET, HEAD")]
    [InlineData("PUT", "account/7", "GET, HEAD")]
    [InlineData("POST", "account/7", "GET, HEAD")]
    [InlineData("DELETE", "account/7/events", "GET, HEAD")]
    [InlineData("POST", "account/7/events", "GET, HEAD")]
    [InlineData("GET", "account/7/deposit", "POST")]
    [InlineData("PATCH", "account/7/deposit", "POST")]
    [InlineData("POST", "manage/consumers", "GET, HEAD")]
    [InlineData("DELETE", "manage/actions", "GET, HEAD")]
    [InlineData("GET", "manage/consumers/account-summary@1/retry", "POST")]
    [InlineData("POST", "manage/consumers/account-summary@1/parked", "GET, HEAD")]
    [InlineData("DELETE", "manage/consumers/account-summary@1/parked/account-7", "GET, HEAD")]
    [InlineData("GET", "manage/consumers/account-summary@1/parked/account-7/retry", "POST")]
    [InlineData("GET", "manage/consumers/account-summary@1/parked/account-7/discard", "POST")]
    public async Task A_wrong_method_answers_405_with_those_that_work(string method, string path, string allow)
    {
        Answer answer = await system.SendAsync(new HttpMethod(method), path, content: null);

        answer.MustBeProblem(405, "method-not-allowed");
        Assert.Equal(allow, answer.Header("Allow"));
    }

    [Theory]
    [InlineData("GET", "", "unknown-route")]
    [InlineData("GET", "nothing", "unknown-route")]
    [InlineData("GET", "account", "unknown-route")]
    [InlineData("GET", "views/a/b/c", "unknown-route")]
    [InlineData("GET", "views/a/b/entries/d", "unknown-route")]
    [InlineData("GET", "account/7/events/8", "unknown-route")]
    [InlineData("GET", "Account/7", "unknown-category")]
    [InlineData("GET", "acc-ount/7", "unknown-route")]
    [InlineData("GET", "loan/7", "unknown-category")]
    [InlineData("DELETE", "loan/7", "unknown-category")]
    [InlineData("POST", "loan/7/open", "unknown-category")]
    [InlineData("GET", "loan/7/events", "unknown-category")]
    [InlineData("POST", "account/7/explode", "unknown-command")]
    [InlineData("POST", "account/7/Deposit", "unknown-command")]
    [InlineData("POST", "account/7/credit-for-transfer", "unknown-command")]
    [InlineData("GET", "account/7/explode", "unknown-command")]
    [InlineData("GET", "manage/7", "unknown-route")]
    [InlineData("GET", "manage", "unknown-route")]
    [InlineData("POST", "manage/consumers/account-summary@1/explode", "unknown-route")]
    [InlineData("POST", "manage/consumers/account-summary@1/parked/account-7/explode", "unknown-route")]
    [InlineData("POST", "manage/consumers/account-summary@1/parked/account-7/retry/now", "unknown-route")]
    public async Task What_is_not_there_answers_404_and_says_what_is_missing(string method, string path, string code) =>
        (await system.SendAsync(new HttpMethod(method), path, content: null)).MustBeProblem(404, code);

    [Fact]
    public async Task An_unknown_command_is_answered_with_the_known_ones() =>
        Assert.Equal(
            "'account' has no command 'explode'. It has: open, deposit, withdraw, change-overdraft-limit, freeze, unfreeze, close.",
            (string?)(await system.PostAsync("account/7/explode", "{}")).Json["detail"]);

    [Fact]
    public async Task OPTIONS_answers_with_the_methods_that_work()
    {
        Answer answer = await system.SendAsync(HttpMethod.Options, "account/7/deposit", content: null);

        Assert.Equal((204, "POST", ""), (answer.Status, answer.Header("Allow"), answer.Body));
    }

    [Fact]
    public async Task HEAD_answers_as_GET_does_without_the_body()
    {
        string id = await system.OpenAccountAsync();

        Answer head = await system.SendAsync(HttpMethod.Head, $"account/{id}", content: null);
        Answer get = await system.GetAsync($"account/{id}");

        Assert.Equal((200, "", get.Header("ETag")), (head.Status, head.Body, head.Header("ETag")));
        Assert.Null(head.Header("Content-Length")); // The host sends bodies in chunks.
    }

    [Theory]
    [InlineData("views")]
    [InlineData("health")]
    [InlineData("manage")]
    [InlineData("openapi")]
    [InlineData("docs")]
    public void A_category_that_is_called_like_a_route_is_refused(string category) =>
        Assert.Contains($"'{category}'", Assert.Throws<ArgumentException>(() => Routes.Check([new Endpoint(category, "open")])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_command_that_is_called_like_a_route_is_refused() =>
        Assert.Contains("'events'", Assert.Throws<ArgumentException>(() => Routes.Check([new Endpoint("loan", "events")])).Message, StringComparison.Ordinal);

    private static IEnumerable<string> Paths() =>
        from first in Words
        from rest in (string[])["", .. Words.Select(w => $"/{w}"), .. Words.SelectMany(w => Words.Select(v => $"/{w}/{v}")),
            .. Words.Select(w => $"/{w}/7/entries"), .. Words.Select(w => $"/{w}/commands/7"), .. Words.Select(w => $"/account-statement/{w}/entries")]
        select first + rest;

    // The parser, the matcher and the constraints of the Functions host.
    private static Func<string, bool> Matcher(string route)
    {
        RouteOptions options = new();
        options.SetParameterPolicy<RegexInlineRouteConstraint>("regex");
        DefaultInlineConstraintResolver resolver = new(Options.Create(options), new ServiceCollection().BuildServiceProvider());
        RouteTemplate template = TemplateParser.Parse(route);
        RouteConstraintBuilder constraints = new(resolver, route);
        foreach (TemplatePart parameter in template.Parameters)
        {
            foreach (InlineConstraint constraint in parameter.InlineConstraints)
            {
                constraints.AddResolvedConstraint(parameter.Name!, constraint.Constraint);
            }
        }
        IDictionary<string, IRouteConstraint> built = constraints.Build();
        TemplateMatcher matcher = new(template, []);
        return path =>
        {
            RouteValueDictionary values = [];
            return matcher.TryMatch($"/{path}", values)
                && built.All(c => c.Value.Match(new DefaultHttpContext(), null, c.Key, values, RouteDirection.IncomingRequest));
        };
    }

    private sealed class Endpoint(string category, string command) : IAggregateEndpoint
    {
        public string Category => category;

        public IReadOnlyCollection<CommandShape> Commands => [];

        public IReadOnlyList<EventShape> Events => [];

        public System.Text.Json.Serialization.Metadata.JsonTypeInfo StateJson => throw new NotSupportedException();

        public IAggregateHistory History => throw new NotSupportedException();

        public bool HasCommand(string name) => name == command;

        public Task<CommandOutcome> ExecuteAsync(
            StreamName stream, string command, ReadOnlyMemory<byte> body, CommandContext context, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<CommandOutcome> ExecuteAsync(
            StreamName stream, Func<CancellationToken, Task<StoredCommand?>> take, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public bool IsSame(string command, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) => throw new NotSupportedException();

        public bool TryRead(
            string command, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> stored, out IReadOnlyList<ValidationError> errors) =>
            throw new NotSupportedException();

        public Task<StateDocument?> ReadStateAsync(StreamName stream, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
