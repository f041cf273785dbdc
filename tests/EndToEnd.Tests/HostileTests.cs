using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

/// <summary>The requests of HostileRequestTests, fewer of them, with the client of the database below the functions.</summary>
public sealed class HostileTests(SystemUnderTest system)
{
    private const int Requests = 500;

    [Fact]
    public async Task No_request_breaks_what_lies_below_the_functions()
    {
        Assert.SkipUnless(system.IsLocal, "Nobody does this to a deployment.");
        using HttpClient client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 });
        client.DefaultRequestHeaders.Add("x-functions-key", system.MasterKey);
        (string, IReadOnlyList<string>)[] routes =
            [.. FunctionTable.Http.Where(f => f.Trigger.Methods is { Length: > 0 }).Select(f => (f.Trigger.Route!, (IReadOnlyList<string>)f.Trigger.Methods!))];
        HostileRequests requests = new(seed: 20261124);
        Dictionary<int, int> statuses = [];
        List<string> broken = [];
        for (int n = 0; n < Requests; n++)
        {
            using HttpRequestMessage request = requests.Next(system.Api.Address, routes);
            request.Headers.Remove("x-functions-key"); // The right one stays.
            string what = $"{n}: {request.Method} {request.RequestUri!.OriginalString[..Math.Min(300, request.RequestUri.OriginalString.Length)]}";
            try
            {
                using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                int status = (int)response.StatusCode;
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
                if (status >= 500 && status != 505) // 505 is the server's, of a request line that it can't take apart.
                {
                    broken.Add($"{what}: {status} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
                }
            }
            catch (HttpRequestException)
            {
                // The client would not send it, or the server broke off in the middle of what it had refused.
            }
        }
        Assert.Empty(broken);
        Assert.True(statuses.GetValueOrDefault(400) > 30 && statuses.GetValueOrDefault(404) > 30, "They did not reach the functions.");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}")));
    }
}
