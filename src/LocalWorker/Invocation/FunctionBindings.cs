using System.Collections.Frozen;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.LocalWorker.Invocation;

/// <summary>What goes into one invocation and what came out of it.</summary>
internal sealed class FunctionBindings
{
    /// <summary>The request or the JSON text of the changes, under the name of the trigger's parameter.</summary>
    public required object TriggerValue { get; init; }

    /// <summary>Values by name for the other parameters: of the route, then of the query string. Few functions ask for them.</summary>
    public IReadOnlyDictionary<string, object?> Metadata => LazyMetadata.Value;

    public Lazy<IReadOnlyDictionary<string, object?>> LazyMetadata { get; init; } = new(() => FrozenDictionary<string, object?>.Empty);

    public HttpRequestData? Request => TriggerValue as HttpRequestData;

    public object? Result { get; set; }

    public static FunctionBindings Of(FunctionContext context) =>
        context.Features.Get<FunctionBindings>() ?? throw new InvalidOperationException("The context belongs to no running invocation.");
}
