using System.Diagnostics;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Invocation;

/// <summary>The host's own span, which the worker's is a child of: below the caller's, or the root of a new trace.</summary>
internal static class Tracing
{
    public static TraceState Begin(string? traceParent = null, string? traceState = null) =>
        ActivityContext.TryParse(traceParent, traceState, isRemote: true, out ActivityContext caller)
            ? Create(caller.TraceId, caller.TraceFlags, caller.TraceState)
            : Create(ActivityTraceId.CreateRandom(), ActivityTraceFlags.None, null);

    private static TraceState Create(ActivityTraceId traceId, ActivityTraceFlags flags, string? state) => new()
    {
        Parent = $"00-{traceId}-{ActivitySpanId.CreateRandom()}-{(int)flags:x2}",
        State = state ?? "",
    };
}
