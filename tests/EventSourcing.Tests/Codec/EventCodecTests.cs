using System.Text;
using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Tests;

public sealed class EventCodecTests
{
    private static readonly EventCodec<object> Codec = new EventCodecBuilder<object>()
        .Add("ticket.sold", 2, TicketJson.Default.TicketSold)
        .Add("ticket.checked", 1, TicketJson.Default.TicketChecked)
        .Upcast("ticket.sold", 1, data =>
        {
            data["seat"] = data["place"]!.GetValue<string>();
            data.Remove("place");
            return data;
        })
        .Build();

    [Fact]
    public void An_event_is_stored_under_its_name_and_version_and_not_its_class()
    {
        StoredEvent stored = Codec.Encode(new TicketSold("7B", 12.50m, new DateTimeOffset(2026, 11, 23, 10, 30, 0, TimeSpan.FromHours(1))));

        Assert.Equal(("ticket.sold", 2), (stored.Type, stored.SchemaVersion));
        Assert.Equal("""{"seat":"7B","price":"12.50","at":"2026-11-23T09:30:00Z"}""", Encoding.UTF8.GetString(stored.Data.Span));
    }

    [Fact]
    public void What_was_stored_is_read_back()
    {
        TicketSold sold = new("7B", 12.50m, new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero));

        Assert.Equal([sold, new TicketChecked()], Codec.Decode(CommitOf([Codec.Encode(sold), Codec.Encode(new TicketChecked())])));
    }

    [Fact]
    public void An_event_that_nobody_registered_is_not_stored() =>
        Assert.Contains("String", Assert.Throws<ArgumentException>(() => Codec.Encode("sold")).Message, StringComparison.Ordinal);

    [Fact]
    public void Each_envelope_says_where_its_event_stands_and_what_led_to_it()
    {
        StoredEvent[] stored = [Codec.Encode(new TicketChecked()), new("ticket.sold", 1, Sold("place"))];
        Commit commit = CommitOf(stored) with { FirstVersion = 7 };

        EventEnvelope<object>[] envelopes = [.. Codec.Envelopes(commit)];

        Assert.Equal([7L, 8L], envelopes.Select(e => e.Version));
        Assert.Equal([("ticket.checked", 1), ("ticket.sold", 1)], envelopes.Select(e => (e.Type, e.SchemaVersion)));
        Assert.Equal(["ticket-1/7", "ticket-1/8"], envelopes.Select(e => e.EventId));
        Assert.All(envelopes, e => Assert.Equal(
            (commit.Stream, "command-1", "conversation", commit.Metadata.Timestamp), (e.Stream, e.CausationId, e.CorrelationId, e.Timestamp)));
    }

    [Theory]
    [InlineData("ticket.lost", 1, "{}", "no event and no upcaster is registered for 'ticket.lost' version 1")]
    [InlineData("ticket.sold", 3, "{}", "no event and no upcaster is registered for 'ticket.sold' version 3")]
    [InlineData("ticket.sold", 0, "{}", "no event and no upcaster is registered for 'ticket.sold' version 0")]
    [InlineData("Ticket.Sold", 2, "{}", "no event and no upcaster is registered for 'Ticket.Sold' version 2")]
    [InlineData("ticket.sold", 2, "{", "")]
    [InlineData("ticket.sold", 2, "", "")]
    [InlineData("ticket.sold", 2, "null", "null")]
    [InlineData("ticket.sold", 2, "[]", "")]
    [InlineData("ticket.sold", 2, """{"seat":"7B","price":"1"}""", "'at'")]
    [InlineData("ticket.sold", 2, """{"Seat":"7B","price":"1","at":"2026-11-23T09:30:00Z"}""", "'Seat'")]
    [InlineData("ticket.sold", 2, """{"seat":"7B","price":"1","at":"2026-11-23T09:30:00Z","row":1}""", "'row'")]
    [InlineData("ticket.sold", 2, """{"seat":null,"price":"1","at":"2026-11-23T09:30:00Z"}""", "seat")]
    [InlineData("ticket.sold", 2, """{"seat":"7B","seat":"7B","price":"1","at":"2026-11-23T09:30:00Z"}""", "'seat'")]
    [InlineData("ticket.sold", 2, """{"seat":"7B","price":1,"at":"2026-11-23T09:30:00Z"}""", "decimal")]
    [InlineData("ticket.sold", 2, """{"seat":"7B","price":"1","at":"yesterday"}""", "instant")]
    [InlineData("ticket.sold", 2, """{"seat":"","price":"1","at":"2026-11-23T09:30:00Z"}""", "A seat has a name.")] // Its constructor says so.
    [InlineData("ticket.sold", 1, """{"place":"7B"}""", "missing")]
    [InlineData("ticket.sold", 1, """{"spot":"7B"}""", "its upcaster failed")]
    [InlineData("ticket.sold", 1, "[]", "its data is not an object")]
    [InlineData("ticket.sold", 1, "{", "")]
    public void What_can_t_be_read_is_an_error_that_says_where_and_why(string type, int version, string data, string reason)
    {
        Commit commit = CommitOf([Codec.Encode(new TicketChecked()), new StoredEvent(type, version, Encoding.UTF8.GetBytes(data))]);

        EventDecodeException error = Assert.Throws<EventDecodeException>(() => Codec.Decode(commit).ToArray());

        Assert.Equal((commit.Stream, 2, type, version), (error.Stream, error.Version, error.EventType, error.SchemaVersion));
        Assert.StartsWith($"ticket-1 version 2: event '{type}' version {version} can't be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Throws<EventDecodeException>(() => Codec.Envelopes(commit).ToArray());
    }

    private static byte[] Sold(string seat) => Encoding.UTF8.GetBytes($$"""{"{{seat}}":"7B","price":"12.50","at":"2026-11-23T09:30:00Z"}""");

    private static Commit CommitOf(StoredEvent[] events) => new()
    {
        Stream = StreamName.Create("ticket", "1"),
        FirstVersion = 1,
        Events = events,
        Metadata = new CommitMetadata
        {
            CommandId = "command-1",
            CommandType = "sell",
            PolicyVersion = "1",
            Actor = "test",
            CorrelationId = "conversation",
            Timestamp = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        },
    };
}

public sealed record TicketSold
{
    public TicketSold(string seat, decimal price, DateTimeOffset at)
    {
        Seat = seat.Length > 0 ? seat : throw new InvalidOperationException("A seat has a name.");
        Price = price;
        At = at;
    }

    public string Seat { get; }

    public decimal Price { get; }

    public DateTimeOffset At { get; }
}

public sealed record TicketChecked;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(TicketSold))]
[JsonSerializable(typeof(TicketChecked))]
internal sealed partial class TicketJson : JsonSerializerContext;
