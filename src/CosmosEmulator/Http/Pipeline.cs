using System.Diagnostics;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>The way of every request from any transport: authorize, decide on faults, route, answer. Never throws but for a fault.</summary>
internal sealed class Pipeline
{
    /// <summary>A request that meets more splits than this on its way has met a bug.</summary>
    private const int MaxRoutings = 10;

    private readonly Account account;
    private readonly IFaultInjector? faults;
    private readonly RouteTable routes;
    private readonly Authorization authorization;

    public Pipeline(Account account, IFaultInjector? faults)
    {
        this.account = account;
        this.faults = faults;
        var tokens = new ResourceTokens(account);
        routes = new RouteTable(account, tokens);
        authorization = new Authorization(account.Options.Key, tokens, account.Options.Clock);
    }

    public ValueTask<Answer> Handle(CosmosRequest request, bool requireKey) =>
        account.Options.OnRequest is { } observer ? Observe(observer, request, requireKey) : HandleUnobserved(request, requireKey);

    private async ValueTask<Answer> Observe(Action<RequestRecord> observer, CosmosRequest request, bool requireKey)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            Answer answer = await HandleUnobserved(request, requireKey);
            observer(new RequestRecord(
                request.Method, request.Target, answer.Status, answer.SubStatus, answer.Charge, answer.Body.Length, Stopwatch.GetElapsedTime(start)));
            return answer;
        }
        catch (ConnectionDroppedException)
        {
            observer(new RequestRecord(request.Method, request.Target, RequestRecord.Dropped, 0, 0, 0, Stopwatch.GetElapsedTime(start)));
            throw;
        }
    }

    private ValueTask<Answer> HandleUnobserved(CosmosRequest request, bool requireKey)
    {
        request.AccountConsistency = account.Options.ConsistencyLevel;
        ResourcePath path;
        try
        {
            path = ResourcePath.Parse(request.Target);
            if (requireKey && NeedsKey(path) && authorization.Check(request, path) is { } refusal)
            {
                return new ValueTask<Answer>(Finish(request, Answer.Refuse(refusal)));
            }
        }
        catch (FormatException)
        {
            return new ValueTask<Answer>(Finish(request, Answer.Refuse(Errors.SignatureWrong)));
        }

        if (faults?.Decide(request, path) is { } fault)
        {
            return HandleFaulty(request, path, fault);
        }

        Answer answer = Run(request, path, lag: null);
        Task? safe = answer.Journal?.WhenSafe();
        return safe is null ? new ValueTask<Answer>(Finish(request, answer)) : FinishWhenSafe(request, answer, safe);
    }

    private Answer Run(CosmosRequest request, in ResourcePath path, ReplicaLag? lag)
    {
        for (int routing = 0; ; routing++)
        {
            try
            {
                HeaderRules.Check(request);
                return lag is null ? routes.Dispatch(request, path) : routes.DispatchBehind(request, path, lag);
            }
            catch (PartitionGoneException) when (routing < MaxRoutings)
            {
                // The map has changed while the request was on its way. By key it finds the new partition; by range id it will be
                // told that the range is gone.
            }
            catch (RefusedException refused)
            {
                return Answer.Refuse(refused.Error);
            }
#pragma warning disable CA1031 // A client must get an answer with code and message whatever happens here.
            catch (Exception exception)
            {
                return Answer.Refuse(Errors.Internal(exception));
            }
#pragma warning restore CA1031
        }
    }

    private static async ValueTask<Answer> FinishWhenSafe(CosmosRequest request, Answer answer, Task safe)
    {
        try
        {
            await safe;
            return Finish(request, answer);
        }
        catch (StoreException exception)
        {
            return Finish(request, Answer.Refuse(Errors.Internal(exception)));
        }
    }

    private async ValueTask<Answer> HandleFaulty(CosmosRequest request, ResourcePath path, Fault fault)
    {
        if (fault.Delay > TimeSpan.Zero)
        {
            await Task.Delay(fault.Delay, account.Options.Clock);
        }

        if (!fault.AfterTheWork && (fault.Error is not null || fault.DropConnection))
        {
            return fault.Error is { } before ? Finish(request, Answer.Refuse(before)) : throw new ConnectionDroppedException();
        }

        Answer answer = Run(request, path, fault.Lag);
        answer = answer.Journal?.WhenSafe() is { } safe ? await FinishWhenSafe(request, answer, safe) : Finish(request, answer);
        return fault.DropConnection ? throw new ConnectionDroppedException()
            : fault.Error is { } after ? Finish(request, Answer.Refuse(after))
            : answer;
    }

    /// <summary>
    /// A Direct client is told what to change before it is told anything about keys, and an item that no path leads to is missing for
    /// everybody: clients turn a backslash into a slash, so its signature would not match.
    /// </summary>
    private static bool NeedsKey(in ResourcePath path) => path.Kind is not (PathKind.Addresses or PathKind.UnreachableItem);

    private static Answer Finish(CosmosRequest request, Answer answer)
    {
        answer.ActivityId = request.Header(HeaderNames.ActivityId) ?? Guid.NewGuid().ToString();
        return answer;
    }
}
