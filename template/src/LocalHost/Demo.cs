using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.LocalHost;

/// <summary>A few requests, sent over HTTP and told line by line: what is asked, and what is answered.</summary>
internal sealed class Demo(HttpClient http, TextWriter output)
{
    private bool isAsExpected = true;

    /// <returns>Whether every answer was the one that was expected.</returns>
    public static async Task<bool> PlayAsync(Uri api, TextWriter output, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { BaseAddress = api };
        Demo demo = new(http, output);
        await demo.PlayAsync(cancellationToken);
        await output.WriteLineAsync(demo.isAsExpected ? "\nAll of it as it should be.\n" : "\nNOT as it should be: see the lines marked !!\n");
        return demo.isAsExpected;
    }

    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        await SendAsync(HttpMethod.Post, "widget/first-1/create", """{"title":"First"}""", HttpStatusCode.Created, cancellationToken);
        await SendAsync(HttpMethod.Post, "widget/first-1/create", """{"title":"First"}""", HttpStatusCode.UnprocessableEntity, cancellationToken);
        await SendAsync(HttpMethod.Post, "widget/first-1/rename", """{"title":"Second"}""", HttpStatusCode.OK, cancellationToken);
        await SendAsync(HttpMethod.Get, "views/widget-summary/first-1?seen=widget-first-1:2", null, HttpStatusCode.OK, cancellationToken);
    }

    private async Task SendAsync(HttpMethod method, string path, string? body, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        (HttpStatusCode status, string answer) = await AnswerAsync(method, path, body, cancellationToken);
        // A view that was waited for can still be on its way when this machine is busy.
        while (status == HttpStatusCode.Accepted && method == HttpMethod.Get)
        {
            (status, answer) = await AnswerAsync(method, path, body, cancellationToken);
        }
        bool isExpected = status == expected;
        isAsExpected &= isExpected;
        await output.WriteLineAsync($"  {(isExpected ? "  " : "!!")} {method,-4} {path}\n          {(int)status} {Short(answer)}");
    }

    private async Task<(HttpStatusCode Status, string Answer)> AnswerAsync(HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    private static string Short(string answer)
    {
        JsonNode? json = JsonNode.Parse(answer);
        return (json?["data"] ?? json?["code"] ?? json?["events"])?.ToJsonString() ?? answer;
    }
}
