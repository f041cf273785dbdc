using System.Globalization;
using System.Text.Json;
using Serverless.CosmosEmulator.Faults;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Hosting;

/// <summary>Fault rules over HTTP.</summary>
internal sealed class FaultControl(FaultRules faults)
{
    /// <summary>What is asked of the rules, or of the one with this number.</summary>
    public Answer Handle(CosmosRequest request, string number) => (request.Method, number) switch
    {
        ("GET", "") => ControlRoutes.Json(200, faults.Active.Select(RuleState.Of).ToArray()),
        ("POST", "") => Add(request.Body),
        ("DELETE", "") => Clear(),
        ("DELETE", _) => int.TryParse(number, CultureInfo.InvariantCulture, out int known) && faults.Remove(known)
            ? new Answer(204)
            : Answer.Refuse(new CosmosError(404, "NotFound", $"There is no fault rule '{number}'.")),
        _ => Answer.Refuse(Errors.MethodNotAllowed),
    };

    private Answer Add(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ControlRoutes.Json(201, RuleState.Of(faults.Add(ControlRoutes.Read<RuleDocument>(body).ToRule())));
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return Answer.Refuse(Errors.MalformedBody("fault rule", exception.Message));
        }
    }

    private Answer Clear()
    {
        faults.Clear();
        return new Answer(204);
    }

    /// <summary>Mirrors wire data: what <c>POST</c> takes.</summary>
    private sealed record RuleDocument
    {
        public required EffectDocument Effect { get; init; }

        /// <summary>Names of <see cref="FaultOperations"/> in any case.</summary>
        public IReadOnlyList<string>? Operations { get; init; }

        public string? Database { get; init; }

        public string? Container { get; init; }

        /// <summary>An array such as <c>["account-7"]</c>.</summary>
        public JsonElement? PartitionKey { get; init; }

        public string? ItemId { get; init; }

        public int Skip { get; init; }

        public int? Count { get; init; }

        public double Probability { get; init; } = 1;

        public int Seed { get; init; }

        public FaultRule ToRule() => new()
        {
            Effect = Effect.ToEffect(),
            Operations = Operations is null ? FaultOperations.Items : Operations.Aggregate(FaultOperations.None, (all, name) => all | Parse(name)),
            Database = Database,
            Container = Container,
            PartitionKey = PartitionKey is not { } key ? null
                : key.ValueKind == JsonValueKind.Array ? key.GetRawText()
                : throw new ArgumentException("A partition key is a JSON array."),
            ItemId = ItemId,
            Skip = Skip,
            Count = Count,
            Probability = Probability,
            Seed = Seed,
        };

        public static RuleDocument Of(FaultRule rule) => new()
        {
            Effect = EffectDocument.Of(rule.Effect),
            Operations = rule.Operations.ToString().Split(", "),
            Database = rule.Database,
            Container = rule.Container,
            PartitionKey = rule.PartitionKey is { } key ? JsonElement.Parse(key) : null,
            ItemId = rule.ItemId,
            Skip = rule.Skip,
            Count = rule.Count,
            Probability = rule.Probability,
            Seed = rule.Seed,
        };

        private static FaultOperations Parse(string name) =>
            Enum.TryParse(name, ignoreCase: true, out FaultOperations operation) && !int.TryParse(name, CultureInfo.InvariantCulture, out _)
                ? operation
                : throw new ArgumentException($"The operation '{name}' is none of {string.Join(", ", Enum.GetNames<FaultOperations>()[1..])}.");
    }

    /// <summary>Mirrors wire data.</summary>
    private sealed record EffectDocument(
        int? Status = null, int SubStatus = 0, double? RetryAfterMs = null, double DelayMs = 0, int? LagWrites = null, double? LagMs = null,
        bool DropConnection = false, bool AfterTheWork = false)
    {
        public FaultEffect ToEffect() => new()
        {
            Status = Status,
            // A throttled client looks at the substatus too.
            SubStatus = Status == 429 && SubStatus == 0 ? FaultEffect.TooManyRequests(TimeSpan.Zero).SubStatus : SubStatus,
            RetryAfter = RetryAfterMs is { } wait ? Milliseconds(wait) : null,
            Delay = Milliseconds(DelayMs),
            LagWrites = LagWrites,
            LagTime = LagMs is { } lag ? Milliseconds(lag) : null,
            DropsConnection = DropConnection,
            AfterTheWork = AfterTheWork,
        };

        public static EffectDocument Of(FaultEffect effect) => new(
            effect.Status, effect.SubStatus, effect.RetryAfter?.TotalMilliseconds, effect.Delay.TotalMilliseconds,
            effect.LagWrites, effect.LagTime?.TotalMilliseconds, effect.DropsConnection, effect.AfterTheWork);

        private static TimeSpan Milliseconds(double value) =>
            value is >= 0 and < int.MaxValue ? TimeSpan.FromMilliseconds(value) : throw new ArgumentException($"{value} ms is no delay.");
    }

    /// <summary>Mirrors wire data: what is answered.</summary>
    private sealed record RuleState(int Number, int Matches, int Strikes, RuleDocument Rule)
    {
        public static RuleState Of(ActiveFault fault) => new(fault.Number, fault.Matches, fault.Strikes, RuleDocument.Of(fault.Rule));
    }
}
