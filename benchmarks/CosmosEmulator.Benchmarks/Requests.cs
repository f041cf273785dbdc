using System.Globalization;
using System.Text;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>Requests to the emulator without the SDK, into one container whose partition key is <c>/pk</c>.</summary>
internal sealed class Requests(HttpMessageInvoker http, Uri endpoint, string container = "items")
{
    private const string Key = "x-ms-documentdb-partitionkey";

    private readonly Uri items = new(endpoint, $"dbs/bench/colls/{container}/docs");

    public static string Id(int number) => number.ToString("0000000000", CultureInfo.InvariantCulture);

    public async Task CreateContainerAsync()
    {
        using var database = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, "dbs")) { Content = new StringContent("""{"id":"bench"}""") };
        using HttpResponseMessage ignored = await http.SendAsync(database, CancellationToken.None); // It may be there.
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, "dbs/bench/colls"))
        {
            Content = new StringContent($$"""{"id":"{{container}}", "partitionKey":{"paths":["/pk"],"kind":"Hash"} }"""),
        };
        using HttpResponseMessage response = await SendAsync(message);
    }

    public async Task CreateAsync(string id, string key, int bytes)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, items) { Content = new ByteArrayContent(Item(id, key, bytes)) };
        message.Headers.TryAddWithoutValidation(Key, $"[\"{key}\"]");
        using HttpResponseMessage response = await SendAsync(message);
    }

    public async Task ReadAsync(string id, string key)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(items, $"docs/{id}"));
        message.Headers.TryAddWithoutValidation(Key, $"[\"{key}\"]");
        using HttpResponseMessage response = await SendAsync(message);
    }

    /// <summary>The items of a partition with ids from one to before another, in order; how many items were read for it.</summary>
    public async Task<int> RangeAsync(string key, string from, string to)
    {
        string query = $$"""
            {"query":"SELECT * FROM c WHERE c.id >= @from AND c.id < @to ORDER BY c.id","parameters":[{"name":"@from","value":"{{from}}"},{"name":"@to","value":"{{to}}"}]}
            """;
        using var message = new HttpRequestMessage(HttpMethod.Post, items) { Content = new StringContent(query, Encoding.UTF8, "application/query+json") };
        message.Headers.TryAddWithoutValidation("x-ms-documentdb-isquery", "True");
        message.Headers.TryAddWithoutValidation("x-ms-documentdb-populatequerymetrics", "True");
        message.Headers.TryAddWithoutValidation(Key, $"[\"{key}\"]");
        using HttpResponseMessage response = await SendAsync(message);
        const string count = "retrievedDocumentCount=";
        string metrics = response.Headers.NonValidated["x-ms-documentdb-query-metrics"].ToString();
        int start = metrics.IndexOf(count, StringComparison.Ordinal) + count.Length;
        return int.Parse(metrics.AsSpan(start, metrics.IndexOf(';', start) - start), CultureInfo.InvariantCulture);
    }

    /// <summary>An item of a size, as a client sends it.</summary>
    public static byte[] Item(string id, string key, int bytes)
    {
        string item = $$"""{"id":"{{id}}","pk":"{{key}}","n":1,"text":""}""";
        return Encoding.UTF8.GetBytes(item.Insert(item.Length - 2, new string('x', Math.Max(0, bytes - item.Length))));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message)
    {
        HttpResponseMessage response = await http.SendAsync(message, CancellationToken.None);
        return response.EnsureSuccessStatusCode();
    }
}
