using System.Net;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Answers requests on items in the account's place, or loses its answers. Metadata goes through untouched.</summary>
internal sealed class FaultHandler(Func<int, Fault> faultOf) : DelegatingHandler
{
    private int requests;

    public int Requests => requests;

    /// <summary>An answer as the service words it.</summary>
    public static Func<HttpResponseMessage> Answer(HttpStatusCode status, int subStatus = 0, int? retryAfterMilliseconds = null) => () =>
    {
        HttpResponseMessage response = new(status) { Content = new StringContent("""{"code":"Fault","message":"made by a test"}""") };
        response.Headers.Add("x-ms-substatus", $"{subStatus}");
        response.Headers.Add("x-ms-activity-id", "0f8fad5b-d9cb-469f-a165-70867728950e");
        response.Headers.Add("x-ms-request-charge", "1.5");
        if (retryAfterMilliseconds is { } wait)
        {
            response.Headers.Add("x-ms-retry-after-ms", $"{wait}");
        }
        return response;
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.RequestUri!.AbsolutePath.Contains("/docs", StringComparison.Ordinal))
        {
            return await base.SendAsync(request, cancellationToken);
        }
        Fault fault = faultOf(Interlocked.Increment(ref requests));
        switch (fault)
        {
            case Fault.Instead instead:
                return instead.Answer();
            case Fault.AnswerLost:
                (await base.SendAsync(request, cancellationToken)).Dispose();
                throw new HttpRequestException("The connection was lost after the request was sent.");
            default:
                return await base.SendAsync(request, cancellationToken);
        }
    }
}

internal abstract record Fault
{
    public sealed record None : Fault;

    /// <summary>The request does not reach the account.</summary>
    public sealed record Instead(Func<HttpResponseMessage> Answer) : Fault;

    /// <summary>The account did the work, and nobody hears of it.</summary>
    public sealed record AnswerLost : Fault;
}
