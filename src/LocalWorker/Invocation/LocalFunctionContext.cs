using System.Collections;
using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Serverless.LocalWorker.Indexing;

namespace Serverless.LocalWorker.Invocation;

/// <summary>One running invocation. Its scope of services is made on first use and ends with it.</summary>
internal sealed class LocalFunctionContext(
    LocalFunction function,
    string invocationId,
    TraceContext trace,
    RetryContext? retry,
    IServiceScopeFactory scopes,
    CancellationToken cancellationToken) : FunctionContext, IAsyncDisposable
{
    private readonly CancellationTokenSource cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private AsyncServiceScope? scope;
    private IServiceProvider? services;
    private bool isAbandoned;

    public LocalFunction Function => function;

    public override string InvocationId => invocationId;

    public override string FunctionId => function.Id;

    public override TraceContext TraceContext => trace;

    public override BindingContext BindingContext => field ??= new Data(FunctionBindings.Of(this).Metadata);

    // The real worker returns null without a retry policy too, behind the same non-null signature.
    public override RetryContext RetryContext => retry!;

    public override IServiceProvider InstanceServices
    {
        get => services ??= (scope ??= scopes.CreateAsyncScope()).ServiceProvider;
        set => services = value;
    }

    public override FunctionDefinition FunctionDefinition => function;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new InvocationFeatures();

    public override CancellationToken CancellationToken => cancellation.Token;

    /// <summary>Fires the token of an invocation that exceeded its time.</summary>
    public Task CancelAsync() => cancellation.CancelAsync();

    /// <summary>Code that ignores its token goes on after the end of the invocation: what it uses is left to it.</summary>
    public void Abandon() => isAbandoned = true;

    public async ValueTask DisposeAsync()
    {
        if (isAbandoned)
        {
            return;
        }

        if (scope is { } used)
        {
            await used.DisposeAsync();
        }

        cancellation.Dispose();
    }

    private sealed class Data(IReadOnlyDictionary<string, object?> values) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => values;
    }

    private sealed class InvocationFeatures : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> features = [];

        public void Set<T>(T instance)
        {
            ArgumentNullException.ThrowIfNull(instance);
            features[typeof(T)] = instance;
        }

        public T? Get<T>() => features.TryGetValue(typeof(T), out object? feature) ? (T)feature : default;

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <summary>How often a batch was tried before this attempt.</summary>
internal sealed class LocalRetryContext(int retryCount, int maxRetryCount) : RetryContext
{
    public override int RetryCount => retryCount;

    public override int MaxRetryCount => maxRetryCount;
}

/// <summary>The host's own span: a child of the caller's, or the root of a new trace.</summary>
internal sealed class LocalTraceContext : TraceContext
{
    private LocalTraceContext(ActivityTraceId traceId, ActivityTraceFlags flags, string? state)
    {
        TraceParent = $"00-{traceId}-{ActivitySpanId.CreateRandom()}-{(int)flags:x2}";
        TraceState = state ?? "";
    }

    public override string TraceParent { get; }

    public override string TraceState { get; }

    public static LocalTraceContext From(string? traceParent, string? traceState) =>
        ActivityContext.TryParse(traceParent, traceState, isRemote: true, out ActivityContext caller)
            ? new LocalTraceContext(caller.TraceId, caller.TraceFlags, caller.TraceState)
            : new LocalTraceContext(ActivityTraceId.CreateRandom(), ActivityTraceFlags.None, null);
}
