using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Faults;

/// <summary>
/// The faults that an account has been told to have. Rules are asked in the order in which they were added: all delays that strike
/// add up, and the first failure that strikes is the one that happens.
/// </summary>
public sealed class FaultRules : IFaultInjector
{
    private readonly Lock gate = new();
    private volatile ActiveFault[] active = [];
    private int lastNumber;

    public IReadOnlyList<ActiveFault> Active => active;

    /// <summary>Whether reads may have to be answered from an older state.</summary>
    internal bool HaveLag => Array.Exists(active, fault => fault.Rule.Effect.HasLag);

    /// <summary>From now on the rule counts. Disposing what is returned takes it away again.</summary>
    public ActiveFault Add(FaultRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        rule.Check();
        lock (gate)
        {
            var added = new ActiveFault(this, ++lastNumber, rule);
            active = [.. active, added];
            return added;
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            active = [];
        }
    }

    Fault? IFaultInjector.Decide(CosmosRequest request, in ResourcePath path)
    {
        ActiveFault[] rules = active;
        return rules.Length == 0 ? null : Decide(rules, new FaultRequest(request, path));
    }

    internal bool Remove(int number)
    {
        lock (gate)
        {
            int before = active.Length;
            active = [.. active.Where(fault => fault.Number != number)];
            return active.Length < before;
        }
    }

    private static Fault? Decide(ActiveFault[] rules, FaultRequest request)
    {
        TimeSpan delay = TimeSpan.Zero;
        ReplicaLag? lag = null;
        foreach (ActiveFault rule in rules)
        {
            if (!rule.StrikesOn(request))
            {
                continue;
            }

            FaultEffect effect = rule.Rule.Effect;
            delay += effect.Delay;
            lag ??= effect.HasLag ? new ReplicaLag(effect.LagWrites, effect.LagTime) : null;
            if (effect.Status is not null || effect.DropsConnection)
            {
                return new Fault
                {
                    Delay = delay,
                    Lag = lag,
                    Error = ErrorOf(effect),
                    DropConnection = effect.DropsConnection,
                    AfterTheWork = effect.AfterTheWork,
                };
            }
        }

        return delay > TimeSpan.Zero || lag is not null ? new Fault { Delay = delay, Lag = lag } : null;
    }

    private static CosmosError? ErrorOf(FaultEffect effect) => effect.Status is not { } status ? null
        : new CosmosError(status, CodeOf(status), "This fault was asked for.", effect.SubStatus) { RetryAfter = effect.RetryAfter };

    private static string CodeOf(int status) => status switch
    {
        408 => "RequestTimeout",
        410 => "Gone",
        429 => "TooManyRequests",
        449 => "RetryWith",
        500 => "InternalServerError",
        503 => "ServiceUnavailable",
        _ => "Fault",
    };
}

/// <summary>A rule at work, with what it has done so far.</summary>
public sealed class ActiveFault : IDisposable
{
    private readonly Lock gate = new();
    private readonly FaultRules owner;
    private readonly Random draws;
    private int matches;
    private int strikes;

    internal ActiveFault(FaultRules owner, int number, FaultRule rule)
    {
        this.owner = owner;
        Number = number;
        Rule = rule;
        draws = new Random(rule.Seed);
    }

    public int Number { get; }

    public FaultRule Rule { get; }

    /// <summary>How many requests the rule was for.</summary>
    public int Matches => Volatile.Read(ref matches);

    /// <summary>How many of them it has struck.</summary>
    public int Strikes => Volatile.Read(ref strikes);

    public void Dispose() => owner.Remove(Number);

    internal bool StrikesOn(FaultRequest request) => IsFor(request) && Draw();

    private bool IsFor(FaultRequest request) =>
        (Rule.Operations & request.Operation) != 0
        && (!Rule.Effect.HasLag || request.MayBeStale)
        && (Rule.Database is null || Rule.Database == request.Database)
        && (Rule.Container is null || Rule.Container == request.Container)
        && (Rule.PartitionKey is null || SameKey(Rule.PartitionKey, request.PartitionKey))
        && (Rule.ItemId is null || request.ItemIds.Contains(Rule.ItemId))
        && (Rule.When is null || Rule.When(request));

    private bool Draw()
    {
        lock (gate)
        {
            matches++;
            if (matches <= Rule.Skip || strikes >= (Rule.Count ?? int.MaxValue) || draws.NextDouble() >= Rule.Probability)
            {
                return false;
            }

            strikes++;
            return true;
        }
    }

    /// <summary>Texts differ where keys don't: a client writes <c>[5.0]</c> for <c>[5]</c>.</summary>
    private static bool SameKey(string wanted, string? given) =>
        given is not null && (wanted == given
            || (Storage.PartitionKey.TryParse(wanted, out Storage.PartitionKey? a) && Storage.PartitionKey.TryParse(given, out Storage.PartitionKey? b) && a.Equals(b)));
}
