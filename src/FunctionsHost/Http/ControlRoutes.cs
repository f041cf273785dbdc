using Microsoft.AspNetCore.Http;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;
using Serverless.FunctionsHost.Timers;

namespace Serverless.FunctionsHost.Http;

/// <summary>
/// The one control route of the real host that a local host needs: <c>POST /admin/functions/{name}</c> runs a timer function now, for whoever
/// has the master key. It takes JSON only, which a page of another site can't send without being asked first.
/// </summary>
internal sealed class ControlRoutes(FunctionCatalog catalog, FunctionKeys keys, TimerService timers, HostStopping stopping)
{
    private const string Prefix = "/admin/functions/";

    /// <summary>The timer function that a path names.</summary>
    public HostedFunction? Find(PathString path) =>
        path.Value is { } text && text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? catalog.Functions.FirstOrDefault(f =>
                f.Trigger is FunctionTrigger.Timer && string.Equals(f.Name, text[Prefix.Length..], StringComparison.OrdinalIgnoreCase))
            : null;

    /// <summary>The status of the answer: 202 when the function runs, or will after the run that goes on.</summary>
    public int Run(HttpRequest request, HostedFunction function)
    {
        if (!keys.Authorize(request, function.Name, KeyLevel.Admin).IsAllowed)
        {
            return StatusCodes.Status401Unauthorized;
        }
        if (!HttpMethods.IsPost(request.Method))
        {
            return StatusCodes.Status405MethodNotAllowed;
        }
        if (!request.HasJsonContentType())
        {
            return StatusCodes.Status415UnsupportedMediaType;
        }
        if (stopping.HasBegun)
        {
            return StatusCodes.Status503ServiceUnavailable;
        }
        timers.RunNow(function);
        return StatusCodes.Status202Accepted;
    }
}
