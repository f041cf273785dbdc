using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>The smallest aggregate with every way a command can end, for what command handling costs in requests.</summary>
internal static class Counter
{
    public const int SnapshotEvery = 20;

    public static Aggregate<CounterCommand, CounterState, CounterEvent, CounterRejection> Aggregate { get; } = new()
    {
        Category = "counter",
        Initial = () => new CounterState(0),
        Decide = (command, state) => command switch
        {
            Count { By: < 0 } => Decision<CounterEvent, CounterRejection>.Reject(CounterRejection.Negative),
            Count { By: 0 } => Decision<CounterEvent, CounterRejection>.Accept(),
            Count c => Decision<CounterEvent, CounterRejection>.Accept(new Counted(c.By)),
            CountDown c when c.By > state.Sum => Decision<CounterEvent, CounterRejection>.Reject(CounterRejection.Negative),
            CountDown c => Decision<CounterEvent, CounterRejection>.Accept(new Counted(-c.By)),
            CountUpTo c when c.Total <= state.Sum => Decision<CounterEvent, CounterRejection>.Accept(),
            CountUpTo c => Decision<CounterEvent, CounterRejection>.Accept(new Counted(c.Total - state.Sum)),
            _ => throw new ArgumentException(command.GetType().Name, nameof(command)),
        },
        Evolve = (state, @event) => new CounterState(state.Sum + ((Counted)@event).By),
        Events = new EventCodecBuilder<CounterEvent>().Add("counter.counted", 1, CounterJson.Default.Counted).Build(),
        Commands = new CommandCatalog<CounterCommand>
        {
            { "count", CounterJson.Default.Count },
            { "count-down", CounterJson.Default.CountDown },
            { "count-up-to", CounterJson.Default.CountUpTo },
        },
        Describe = reason => new Rejection(reason.ToString(), ""),
        StateJson = CounterJson.Default.CounterState,
        Snapshots = new SnapshotSchema(1, SnapshotEvery),
    };

    public static CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> Handler(
        IEventStore store, RefusedCommandRecorder? refused = null) =>
        new(Aggregate, store, TimeProvider.System, new CommandHandlerOptions { FirstBackoff = TimeSpan.Zero }, refused);

    public static StreamName NewStream() => StreamName.Create("counter", Guid.NewGuid().ToString("N"));

    public static CommandContext FreshId() => new() { CommandId = Guid.NewGuid().ToString("N"), MayBeRepeated = false, Actor = "test" };

    public static CommandContext ClientsId(string? id = null) => new() { CommandId = id ?? Guid.NewGuid().ToString("N"), Actor = "test" };
}

public abstract record CounterCommand;

public sealed record Count(long By) : CounterCommand;

/// <summary>Rejected when there is less.</summary>
public sealed record CountDown(long By) : CounterCommand;

/// <summary>Nothing to do when there is as much.</summary>
public sealed record CountUpTo(long Total) : CounterCommand;

public abstract record CounterEvent;

public sealed record Counted(long By) : CounterEvent;

public sealed record CounterState(long Sum);

public enum CounterRejection
{
    Negative,
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(Count))]
[JsonSerializable(typeof(CountDown))]
[JsonSerializable(typeof(CountUpTo))]
[JsonSerializable(typeof(Counted))]
[JsonSerializable(typeof(CounterState))]
internal sealed partial class CounterJson : JsonSerializerContext;
