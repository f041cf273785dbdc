using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Tests;

public sealed class UpcasterTests
{
    [Fact]
    public void One_shape_becomes_the_next() =>
        Assert.Equal(
            [new Added(5)],
            Decode(
                Builder().Add("purse.added", 2, PurseJson.Default.Added).Upcast("purse.added", 1, Rename("sum", "amount")),
                Stored("purse.added", 1, """{"sum":5}""")));

    [Fact]
    public void Shapes_are_brought_up_step_by_step() =>
        Assert.Equal(
            [new Added(5)],
            Decode(
                Builder()
                    .Add("purse.added", 3, PurseJson.Default.Added)
                    .Upcast("purse.added", 2, Rename("value", "amount"))
                    .Upcast("purse.added", 1, Rename("sum", "value")),
                Stored("purse.added", 1, """{"sum":5}""")));

    [Fact]
    public void One_event_becomes_several_in_order_with_one_version_and_parts()
    {
        EventCodec<PurseEvent> codec = Builder()
            .Add("purse.added", 1, PurseJson.Default.Added)
            .Add("purse.taken", 1, PurseJson.Default.Taken)
            .Upcast("purse.moved", 1, data => [Raw("purse.taken", 1, data["out"]!), Raw("purse.moved", 2, data["in"]!), Raw("purse.taken", 1, 9)])
            .Upcast("purse.moved", 2, data => [Raw("purse.added", 1, data["amount"]!), Raw("purse.added", 1, 7)])
            .Build();

        EventEnvelope<PurseEvent>[] envelopes = [.. codec.Envelopes(CommitOf(
            Stored("purse.added", 1, """{"amount":1}"""), Stored("purse.moved", 1, """{"in":5,"out":3}"""), Stored("purse.added", 1, """{"amount":2}""")))];

        Assert.Equal(
            [new Added(1), new Taken(3), new Added(5), new Added(7), new Taken(9), new Added(2)], envelopes.Select(e => e.Event));
        Assert.Equal([(1L, 0), (2L, 0), (2L, 1), (2L, 2), (2L, 3), (3L, 0)], envelopes.Select(e => (e.Version, e.Part)));
        Assert.Equal(
            ["purse-1/1", "purse-1/2", "purse-1/2.1", "purse-1/2.2", "purse-1/2.3", "purse-1/3"], envelopes.Select(e => e.EventId));
        Assert.Equal(("purse.moved", 1), (envelopes[2].Type, envelopes[2].SchemaVersion)); // As it is stored.
    }

    [Fact]
    public void An_event_can_go_out_of_use()
    {
        EventCodec<PurseEvent> codec = Builder()
            .Add("purse.added", 1, PurseJson.Default.Added)
            .Upcast("purse.polished", 1, _ => [])
            .Build();

        EventEnvelope<PurseEvent>[] envelopes =
            [.. codec.Envelopes(CommitOf(Stored("purse.polished", 1, "{}"), Stored("purse.added", 1, """{"amount":1}""")))];

        EventEnvelope<PurseEvent> envelope = Assert.Single(envelopes);
        Assert.Equal((new Added(1), 2L), (envelope.Event, envelope.Version)); // Versions stay those of the stored events.
    }

    [Fact]
    public void An_event_can_get_another_name() =>
        Assert.Equal(
            [new Added(5)],
            Decode(
                Builder()
                    .Add("purse.added", 1, PurseJson.Default.Added)
                    .Upcast("purse.put", 1, data => [new RawEvent("purse.added", 1, data)]),
                Stored("purse.put", 1, """{"amount":5}""")));

    [Fact]
    public void Upcasters_that_go_round_in_a_circle_are_an_error_and_not_a_hang()
    {
        EventCodecBuilder<PurseEvent> builder = Builder()
            .Upcast("purse.put", 1, data => [new RawEvent("purse.laid", 1, data)])
            .Upcast("purse.laid", 1, data => [new RawEvent("purse.put", 1, data)]);

        EventDecodeException error = Assert.Throws<EventDecodeException>(() => Decode(builder, Stored("purse.put", 1, "{}")));

        Assert.Contains("circle", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_upcaster_that_throws_is_an_error_with_its_cause()
    {
        EventCodecBuilder<PurseEvent> builder = Builder().Upcast("purse.put", 1, Throw);

        EventDecodeException error = Assert.Throws<EventDecodeException>(() => Decode(builder, Stored("purse.put", 1, "{}")));

        Assert.IsType<KeyNotFoundException>(error.InnerException);
        Assert.Equal(("purse.put", 1), (error.EventType, error.SchemaVersion));

        static IEnumerable<RawEvent> Throw(JsonObject data) => throw new KeyNotFoundException("no amount");
    }

    [Fact]
    public void An_upcaster_to_an_event_that_nobody_knows_is_an_error_that_names_both()
    {
        EventCodecBuilder<PurseEvent> builder = Builder().Upcast("purse.put", 1, data => [new RawEvent("purse.laid", 4, data)]);

        EventDecodeException error = Assert.Throws<EventDecodeException>(() => Decode(builder, Stored("purse.put", 1, "{}")));

        Assert.Contains("'purse.put' version 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("'purse.laid' version 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_or_a_class_is_registered_once()
    {
        EventCodecBuilder<PurseEvent> builder = Builder().Add("purse.added", 1, PurseJson.Default.Added);

        Assert.Throws<ArgumentException>(() => builder.Add("purse.added", 2, PurseJson.Default.Taken));
        Assert.Throws<ArgumentException>(() => builder.Add("purse.put", 1, PurseJson.Default.Added));
    }

    [Fact]
    public void A_version_has_one_upcaster()
    {
        EventCodecBuilder<PurseEvent> builder = Builder().Upcast("purse.put", 1, _ => []);

        Assert.Throws<ArgumentException>(() => builder.Upcast("purse.put", 1, _ => []));
    }

    [Fact]
    public void The_current_version_has_no_upcaster() =>
        Assert.Contains(
            "Version 1 of 'purse.added' is current",
            Assert.Throws<InvalidOperationException>(
                Builder().Add("purse.added", 1, PurseJson.Default.Added).Upcast("purse.added", 1, Rename("a", "b")).Build).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Every_older_version_has_an_upcaster() =>
        Assert.Contains(
            "Version 2 of 'purse.added' has no upcaster",
            Assert.Throws<InvalidOperationException>(
                Builder().Add("purse.added", 3, PurseJson.Default.Added).Upcast("purse.added", 1, Rename("a", "b")).Build).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Versions_count_from_one() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Builder().Add("purse.added", 0, PurseJson.Default.Added));

    [Fact]
    public void Every_event_of_the_assembly_is_registered_or_retired()
    {
        EventCodecBuilder<PurseEvent> builder = new EventCodecBuilder<PurseEvent>().Add("purse.added", 1, PurseJson.Default.Added);

        Assert.Equal(
            "These events of PurseEvent are not registered: Labelled, Taken. Add each to the codec under its stored name, or Retire it.",
            Assert.Throws<InvalidOperationException>(builder.Build).Message);
        builder.Retire<Labelled>().Retire<Taken>().Build();
    }

    private static EventCodecBuilder<PurseEvent> Builder() => new EventCodecBuilder<PurseEvent>().Retire<Added>().Retire<Taken>().Retire<Labelled>();

    private static Func<JsonObject, JsonObject> Rename(string from, string to) => data =>
    {
        data[to] = data[from]?.DeepClone();
        data.Remove(from);
        return data;
    };

    private static RawEvent Raw(string type, int version, JsonNode amount) => new(type, version, new JsonObject { ["amount"] = amount.DeepClone() });

    private static StoredEvent Stored(string type, int version, string data) => new(type, version, Encoding.UTF8.GetBytes(data));

    private static PurseEvent[] Decode(EventCodecBuilder<PurseEvent> builder, params StoredEvent[] events) =>
        [.. builder.Build().Decode(CommitOf(events))];

    private static Commit CommitOf(params StoredEvent[] events) => new()
    {
        Stream = Purse.Stream("1"),
        FirstVersion = 1,
        Events = events,
        Metadata = new CommitMetadata
        {
            CommandId = "1",
            CommandType = "test",
            PolicyVersion = "1",
            Actor = "test",
            CorrelationId = "1",
            Timestamp = default,
        },
    };
}
