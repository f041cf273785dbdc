using System.Diagnostics;
using System.Text.Json.Serialization;
using PurseDecision = Serverless.EventSourcing.Decision<Serverless.EventSourcing.Tests.PurseEvent, Serverless.EventSourcing.Tests.PurseRejection>;

namespace Serverless.EventSourcing.Tests;

public abstract record PurseEvent
{
    private protected PurseEvent() { }
}

public sealed record Added(int Amount) : PurseEvent;

public sealed record Taken(int Amount) : PurseEvent;

public sealed record Labelled(string Text) : PurseEvent;

public abstract record PurseCommand
{
    private protected PurseCommand() { }
}

public sealed record Add(int Amount) : PurseCommand;

public sealed record Take(int Amount) : PurseCommand;

/// <summary>Asks for a state: does nothing when enough is there.</summary>
public sealed record FillUpTo(int Total) : PurseCommand;

/// <summary>As many events as asked for.</summary>
public sealed record AddOneByOne(int Count) : PurseCommand;

public sealed record Label(string Text) : PurseCommand;

public sealed record PurseState(int Total, string Label);

public enum PurseRejection
{
    NotEnough,
}

/// <summary>The smallest aggregate with every kind of decision: acts, acts many times, refuses, does nothing.</summary>
internal static class Purse
{
    public static readonly EventCodec<PurseEvent> Codec = new EventCodecBuilder<PurseEvent>()
        .Add("purse.added", 1, PurseJson.Default.Added)
        .Add("purse.taken", 1, PurseJson.Default.Taken)
        .Add("purse.labelled", 1, PurseJson.Default.Labelled)
        .Build();

    public static readonly Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> Definition = With(snapshots: null);

    public static readonly Rejection NotEnough = new("not-enough", "There is not enough in the purse.");

    public static Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> With(
        SnapshotSchema? snapshots, Func<PurseCommand, PurseState, PurseDecision>? decide = null) => new()
        {
            Category = "purse",
            Initial = () => new PurseState(0, ""),
            Decide = decide ?? Decide,
            Evolve = Evolve,
            Events = Codec,
            Commands = new()
            {
                { "add", PurseJson.Default.Add, CheckAmount },
                { "take", PurseJson.Default.Take },
                { "fill-up-to", PurseJson.Default.FillUpTo },
                { "add-one-by-one", PurseJson.Default.AddOneByOne },
                { "label", PurseJson.Default.Label },
            },
            Describe = _ => NotEnough,
            StateJson = PurseJson.Default.PurseState,
            Snapshots = snapshots,
        };

    public static StreamName Stream(string id) => StreamName.Create("purse", id);

    public static PurseDecision Decide(PurseCommand command, PurseState state) => command switch
    {
        Add c => PurseDecision.Accept(new Added(c.Amount)),
        Take c when c.Amount > state.Total => PurseDecision.Reject(PurseRejection.NotEnough),
        Take c => PurseDecision.Accept(new Taken(c.Amount)),
        FillUpTo c when c.Total <= state.Total => PurseDecision.Accept(),
        FillUpTo c => PurseDecision.Accept(new Added(c.Total - state.Total)),
        AddOneByOne c => PurseDecision.Accept([.. Enumerable.Repeat(new Added(1), c.Count)]),
        Label c => PurseDecision.Accept(new Labelled(c.Text)),
        _ => throw new UnreachableException(),
    };

    public static PurseState Evolve(PurseState state, PurseEvent @event) => @event switch
    {
        Added e => state with { Total = state.Total + e.Amount },
        Taken e => state with { Total = state.Total - e.Amount },
        Labelled e => state with { Label = e.Text },
        _ => throw new UnreachableException(),
    };

    private static IEnumerable<ValidationError> CheckAmount(Add command)
    {
        if (command.Amount < 1)
        {
            yield return new ValidationError("$.amount", "An amount is at least 1.");
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(Added))]
[JsonSerializable(typeof(Taken))]
[JsonSerializable(typeof(Labelled))]
[JsonSerializable(typeof(Add))]
[JsonSerializable(typeof(Take))]
[JsonSerializable(typeof(FillUpTo))]
[JsonSerializable(typeof(AddOneByOne))]
[JsonSerializable(typeof(Label))]
[JsonSerializable(typeof(PurseState))]
internal sealed partial class PurseJson : JsonSerializerContext;
