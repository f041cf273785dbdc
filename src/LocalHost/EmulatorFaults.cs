using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;

namespace Serverless.LocalHost;

/// <summary>The emulator's fault rules under the address of the API, for the console: a page may only call the host that it came from.</summary>
internal sealed class EmulatorFaults(Uri emulator)
{
    public const string Path = "/api/local/faults";

    private static readonly HttpClient Client = new();

    private readonly Uri rules = new(emulator, "/_emulator/faults");

    public async Task HandleAsync(HttpContext context)
    {
        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), rules);
        if (HttpMethods.IsPost(context.Request.Method))
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.ContentLength = context.Request.ContentLength;
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type) ? type : null;
        }
        using HttpResponseMessage response = await Client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
