using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

/// <summary>Many requests that nobody means well with, to every address, as an operator and without: none is a 500, none writes.</summary>
public sealed partial class HostileRequestTests
{
    private const int Requests = 8_000;
    private const int Parallel = 8;

    /// <summary>Longer than the longest wait that the API has; a request that takes longer hangs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Stacks, types and paths: what an error must not tell of the program.</summary>
    [GeneratedRegex(@"   at |System\.(?!Object"")|Serverless\.|Exception|\.cs\b|/tmp/")]
    private static partial Regex Inside { get; }

    [Fact]
    public async Task No_request_breaks_the_system_or_gets_anything_written_or_logged()
    {
        int seed = Environment.GetEnvironmentVariable("FUZZ_SEED") is { Length: > 0 } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : 20261123;
        // With the real clock: what waits for a view has to come to an end.
        await using TestSystem system = await TestSystem.StartAsync(configure: b => b.Services.AddSingleton(TimeProvider.System));
        using HttpClient client = new(new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8,
        })
        {
            Timeout = Limit,
        };
        (string, IReadOnlyList<string>)[] routes =
            [.. FunctionTable.Http.Where(f => f.Trigger.Methods is { Length: > 0 }).Select(f => (f.Trigger.Route!, (IReadOnlyList<string>)f.Trigger.Methods!))];

        int[] statuses = new int[600];
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(async part =>
        {
            HostileRequests requests = new(seed + part);
            for (int n = 0; n < Requests / Parallel; n++)
            {
                string what = $"seed {seed}, part {part}, request {n}";
                using HttpRequestMessage request = requests.Next(system.Client.BaseAddress!, routes);
                int status = await SendAsync(client, request, what);
                Interlocked.Increment(ref statuses[status]);
            }
        }));

        Assert.Equal(Requests, statuses.Sum());
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seed {seed}: {string.Join(", ", statuses.Index().Where(s => s.Item > 0).Select(s => $"{s.Index}: {s.Item}"))}");
        Assert.True(statuses[400] > 300 && statuses[404] > 300 && statuses[405] > 150 && statuses[413] > 3 && statuses[415] > 3, "They did not reach the functions.");
        await AssertNothingWrittenAsync(system);
        // The name of a stream is in the log on purpose.
        Assert.DoesNotContain(
            system.Logs.Entries,
            e => $"{e.Message} {e.Exception}".Replace($"-{HostileRequests.Secret} ", "", StringComparison.Ordinal).Contains(HostileRequests.Secret, StringComparison.Ordinal));
    }

    private static async Task<int> SendAsync(HttpClient client, HttpRequestMessage request, string what)
    {
        what = $"{what}: {request.Method} {request.RequestUri!.OriginalString[..Math.Min(300, request.RequestUri.OriginalString.Length)]}";
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            int status = (int)response.StatusCode;
            // 505 is the server's, of a request line that it can't take apart.
            Assert.True(status < 500 || (status == 505 && body.Length == 0), $"{what}: {status} {body}");
            // What the server itself refuses before it reaches a function has no body, or says that it is not meant for other sites.
            Assert.True(
                status < 400 || body.Length == 0 || (status == 403 && response.Content.Headers.ContentType?.MediaType == "text/plain") || response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{what}: {status} {body}");
            Assert.DoesNotMatch(Inside, status < 400 ? "" : body);
            // A 404 and a 400 of the server itself come before any function.
            Assert.True(
                body.Length == 0 || response.Headers.TryGetValues("X-Content-Type-Options", out IEnumerable<string>? sniff) && sniff.Single() == "nosniff", $"{what}: no nosniff");
            return status;
        }
        catch (HttpRequestException e) when (e.InnerException is not System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused })
        {
            return 0; // The client would not send it, or the server broke off in the middle of what it had refused.
        }
        catch (TaskCanceledException e) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new UnreachableException($"{what}: no answer in {Limit.TotalSeconds} s", e);
        }
    }

    private static async Task AssertNothingWrittenAsync(TestSystem system)
    {
        foreach (string consumer in new[] { "account-summary@1", "transfer-process@1" })
        {
            Assert.Equal(0, await system.Parked.CountAsync(consumer, ParkedStatus.Parked, TestContext.Current.CancellationToken));
        }
        await foreach (System.Text.Json.JsonElement item in system.Commits.ReadAllItemsAsync(TestContext.Current.CancellationToken))
        {
            Assert.Fail($"Written: {item}");
        }
        Assert.Empty(system.Inbox.ReadFeed("0", 10).Changes);
        Assert.False(await system.Refused.ReadRefusedBeginningsAsync("account", after: null, TestContext.Current.CancellationToken).AnyAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            ["retry", "retry-all"], // An operator may order these without a body, and there was nothing to retry.
            await KindsOfActionsAsync(system));
        ViewPage views = await system.Views.ListAsync(
            new ViewQuery("account-summary", 1, ViewKind.View, Key: null, NewestFirst: false, 10, Continuation: null), TestContext.Current.CancellationToken);
        Assert.Empty(views.Items);
    }

    private static async Task<IEnumerable<string>> KindsOfActionsAsync(TestSystem system)
    {
        SortedSet<string> kinds = new(StringComparer.Ordinal);
        foreach (string consumer in new[] { "account-summary@1", "account-summary@2", "bank-totals@1", "transfer-process@1", "store" })
        {
            string? continuation = null;
            do
            {
                ActionPage page = await system.Actions.ListAsync(consumer, ViewLimits.MaxPageSize, continuation, TestContext.Current.CancellationToken);
                kinds.UnionWith(page.Items.Select(a => a.Kind));
                continuation = page.Continuation;
            }
            while (continuation is not null);
        }
        return kinds;
    }
}
