using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Tests;

/// <summary>Commands whose data is the trouble: it can't be stored, is not taken by a constructor, or has grown since it was stored.</summary>
public sealed class CommandDataTests
{
    private readonly InMemoryEventStore store = new();

    [Theory]
    [InlineData("""{"body":1e999}""", "The number 1e999 is beyond a double.")]
    [InlineData("""{"body":639316053342991376}""", "The number 639316053342991376 would be rounded: write it as a string.")]
    [InlineData("""{"body":1,"weight":1e999}""", "A number is NaN or infinite.")]
    [InlineData("""{"body":1,"tone":"loud"}""", "No shouting.")]
    public async Task A_body_that_can_not_be_stored_or_taken_is_invalid_and_says_why(string body, string reason)
    {
        var memos = Endpoint<WriteMemo>();

        CommandOutcome.Invalid direct = Assert.IsType<CommandOutcome.Invalid>(await SendAsync(memos, "a", body));
        Assert.False(memos.TryRead("write", Encoding.UTF8.GetBytes(body), out _, out IReadOnlyList<ValidationError> errors));

        Assert.Equal([new ValidationError("$", reason)], direct.Errors);
        Assert.Equal(direct.Errors, errors);
        Assert.Equal(0, (await store.ReadHeadAsync(StreamName.Create("memo", "1"), Token)).Version);
    }

    [Theory]
    [InlineData(47, true)] // The command is a level, too.
    [InlineData(48, false)]
    [InlineData(60, false)]
    public async Task A_body_that_nests_deeper_than_its_readers_allow_is_invalid(int levels, bool isTaken)
    {
        string body = $$"""{"body":{{new string('[', levels)}}{{new string(']', levels)}}}""";

        CommandOutcome outcome = await SendAsync(Endpoint<WriteMemo>(), "a", body);

        Assert.Equal(isTaken, outcome is CommandOutcome.Accepted);
        Assert.Equal(isTaken ? [] : ["It nests deeper than 48 levels."], outcome is CommandOutcome.Invalid invalid ? invalid.Errors.Select(e => e.Message) : []);
    }

    [Fact]
    public async Task A_command_that_has_grown_a_member_with_a_default_is_still_the_same_under_its_key()
    {
        Commit first = Assert.IsType<CommandOutcome.Accepted>(await SendAsync(Endpoint<ShortMemo>(), "key", """{"body":7}""")).Commit!;
        var after = Endpoint<WriteMemo>();

        CommandOutcome.Accepted repeated = Assert.IsType<CommandOutcome.Accepted>(await SendAsync(after, "key", """{"body":7}"""));
        Assert.True(repeated.WasRepeated);
        Assert.Equal(first.FirstVersion, repeated.Commit!.FirstVersion);
        Assert.IsType<CommandOutcome.CommandIdReused>(await SendAsync(after, "key", """{"body":7,"tone":"dry"}"""));
        Assert.IsType<CommandOutcome.CommandIdReused>(await SendAsync(after, "key", """{"body":8}"""));
    }

    [Fact]
    public void What_today_s_class_can_not_read_is_compared_as_it_is()
    {
        var memos = Endpoint<WriteMemo>();

        Assert.True(memos.IsSame("write", """{"gone":1, "x":2}"""u8.ToArray(), """{"x":2,"gone":1}"""u8.ToArray()));
        Assert.False(memos.IsSame("write", """{"gone":1}"""u8.ToArray(), """{"gone":2}"""u8.ToArray()));
        Assert.False(memos.IsSame("forgotten", """{"gone":1}"""u8.ToArray(), """{"gone":1}"""u8.ToArray()));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<CommandOutcome> SendAsync(IAggregateEndpoint memos, string id, string body) => memos.ExecuteAsync(
        StreamName.Create("memo", "1"), "write", Encoding.UTF8.GetBytes(body), new CommandContext { CommandId = id, Actor = "test" }, Token);

    private AggregateEndpoint<TCommand, MemoState, MemoWritten, PurseRejection> Endpoint<TCommand>()
        where TCommand : class => new(
            new()
            {
                Category = "memo",
                Initial = () => new MemoState(0),
                Decide = (_, _) => Decision<MemoWritten, PurseRejection>.Accept(new MemoWritten()),
                Evolve = (state, _) => new MemoState(state.Count + 1),
                Events = new EventCodecBuilder<MemoWritten>().Add("memo.written", 1, MemoJson.Default.MemoWritten).Build(),
                Commands = new() { { "write", (System.Text.Json.Serialization.Metadata.JsonTypeInfo<TCommand>)MemoJson.Default.GetTypeInfo(typeof(TCommand))! } },
                Describe = _ => Purse.NotEnough,
                StateJson = MemoJson.Default.MemoState,
            },
            store,
            TimeProvider.System,
            new CommandHandlerOptions());
}

public sealed record MemoWritten;

public sealed record MemoState(int Count);

/// <summary>A command as it was in an earlier version.</summary>
public sealed record ShortMemo(JsonElement Body);

public sealed record WriteMemo
{
    public WriteMemo(JsonElement body, double weight = 0, string tone = "plain")
    {
        Body = body;
        Weight = weight;
        Tone = tone != "loud" ? tone : throw new NotSupportedException("No shouting.");
    }

    public JsonElement Body { get; }

    public double Weight { get; }

    public string Tone { get; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter)])]
[JsonSerializable(typeof(MemoWritten))]
[JsonSerializable(typeof(MemoState))]
[JsonSerializable(typeof(ShortMemo))]
[JsonSerializable(typeof(WriteMemo))]
internal sealed partial class MemoJson : JsonSerializerContext;
