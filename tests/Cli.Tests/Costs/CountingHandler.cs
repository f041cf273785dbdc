using System.Collections.Concurrent;
using System.Globalization;

namespace Serverless.Cli.Tests.Costs;

/// <summary>Writes down which requests on items go through it, and what each is charged.</summary>
internal sealed class CountingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private ConcurrentQueue<(string Kind, double Charge)> seen = new();

    /// <summary>The requests of an action in their order, as <c>query, create</c>, and their charges together.</summary>
    public async Task<(string Requests, double Charge)> OfAsync(Func<Task> action)
    {
        seen = new();
        await action();
        return (string.Join(", ", seen.Select(s => s.Kind)), Math.Round(seen.Sum(s => s.Charge), 2));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        // Accounts, containers and ranges are read once by each client; plans cost nothing.
        if (request.RequestUri!.AbsolutePath.Contains("/docs", StringComparison.Ordinal) && !Has(request, "x-ms-cosmos-is-query-plan-request"))
        {
            string charge = response.Headers.GetValues("x-ms-request-charge").Single();
            seen.Enqueue((KindOf(request), double.Parse(charge, CultureInfo.InvariantCulture)));
        }
        return response;
    }

    private static string KindOf(HttpRequestMessage request) => request.Method.Method switch
    {
        "GET" => request.Headers.Contains("A-IM") ? "feed" : "read",
        "PUT" => "replace",
        "POST" when Has(request, "x-ms-cosmos-is-batch-request") => "batch",
        "POST" when Has(request, "x-ms-documentdb-isquery") => "query",
        "POST" => "create",
        _ => request.Method.Method,
    };

    private static bool Has(HttpRequestMessage request, string header) =>
        request.Headers.TryGetValues(header, out IEnumerable<string>? values) && values.Any(v => v.Equals("true", StringComparison.OrdinalIgnoreCase));
}
