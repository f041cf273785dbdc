using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Tests;

public sealed class StrictJsonTests
{
    [Fact]
    public void A_strict_context_passes() => StrictJson.Check(PurseJson.Default.Added);

    [Theory]
    [InlineData("UnmappedMemberHandling")]
    [InlineData("RespectRequiredConstructorParameters")]
    [InlineData("RespectNullableAnnotations")]
    [InlineData("AllowDuplicateProperties")]
    [InlineData("UtcInstantConverter")]
    [InlineData("DecimalStringConverter")]
    public void A_context_that_lets_something_pass_is_refused_with_the_option_to_set(string option)
    {
        JsonTypeInfo json = Loose(option);

        string message = Assert.Throws<ArgumentException>(() => StrictJson.Check(json)).Message;

        Assert.Contains(option, message, StringComparison.Ordinal);
        Assert.Contains("Added", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_to_be_set_is_said_at_once()
    {
        JsonSerializerOptions options = new() { TypeInfoResolver = PurseJson.Default };

        string message = Assert.Throws<ArgumentException>(() => StrictJson.Check(options.GetTypeInfo(typeof(Added)))).Message;

        Assert.StartsWith(
            "The JSON of Added is not strict: set UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, "
            + "RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, AllowDuplicateProperties = false, "
            + "Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter)] in",
            message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Registrations_check_it()
    {
        JsonTypeInfo<Added> loose = (JsonTypeInfo<Added>)Loose("UnmappedMemberHandling");

        Assert.Throws<ArgumentException>(() => new EventCodecBuilder<PurseEvent>().Add("purse.added", 1, loose));
        Assert.Throws<ArgumentException>(() => new CommandCatalog<Added> { { "add", loose } });
    }

    [Theory]
    [InlineData("color", "$.color (Color) is an enum that is written as a number")]
    [InlineData("maybe", "$.maybe (Color) is an enum that is written as a number")]
    [InlineData("ticks", "$.ticks (Int64) would be rounded beyond 2^53")]
    [InlineData("unsigned", "$.unsigned (UInt64) would be rounded beyond 2^53")]
    [InlineData("list", "$.list[].ticks (Int64) would be rounded beyond 2^53")]
    [InlineData("table", "$.table[] (Int64) would be rounded beyond 2^53")]
    public void A_member_that_would_be_stored_loosely_is_refused_with_its_path_and_what_to_do(string member, string reason)
    {
        JsonTypeInfo json = LooseJson.Of(member);

        string message = Assert.Throws<ArgumentException>(() => StrictJson.Check(json)).Message;

        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains(reason.Contains("enum", StringComparison.Ordinal) ? "JsonStringEnumConverter<Color>" : "SafeInt64Converter", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_members_pass_with_their_converters() => StrictJson.Check(TightJson.Default.Tight);

    [Fact]
    public void A_long_as_a_number_is_refused_where_it_would_be_rounded_and_as_a_string_is_exact()
    {
        const long ticks = 639316053342991376;
        Assert.Contains(
            "would be rounded",
            Assert.Throws<UnstorableDataException>(() => StorableJson.Serialize(new Tight(Color.Red, ticks, 0), TightJson.Default.Tight)).Message,
            StringComparison.Ordinal);
        byte[] data = StorableJson.Serialize(new Tight(Color.Red, 7, ticks), TightJson.Default.Tight);

        Assert.Equal("""{"color":"Red","number":7,"id":"639316053342991376"}""", System.Text.Encoding.UTF8.GetString(data));
        Assert.Equal(ticks, JsonSerializer.Deserialize(data, TightJson.Default.Tight)!.Id);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"color":"Red","number":639316053342991376,"id":"1"}""", TightJson.Default.Tight));
    }

    [Fact]
    public void The_state_is_checked_like_events_and_commands()
    {
        JsonTypeInfo<PurseState> loose = (JsonTypeInfo<PurseState>)new JsonSerializerOptions { TypeInfoResolver = PurseJson.Default }.GetTypeInfo(typeof(PurseState));
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> purse = Purse.Definition;

        Assert.Contains("PurseState is not strict", Assert.Throws<ArgumentException>(() => new Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection>
        {
            Category = purse.Category,
            Initial = purse.Initial,
            Decide = purse.Decide,
            Evolve = purse.Evolve,
            Events = purse.Events,
            Commands = purse.Commands,
            Describe = purse.Describe,
            StateJson = loose,
        }).Message, StringComparison.Ordinal);
    }

    private static JsonTypeInfo Loose(string option)
    {
        JsonSerializerOptions options = new(PurseJson.Default.Options) { TypeInfoResolver = PurseJson.Default };
        switch (option)
        {
            case "UnmappedMemberHandling":
                options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip;
                break;
            case "RespectRequiredConstructorParameters":
                options.RespectRequiredConstructorParameters = false;
                break;
            case "RespectNullableAnnotations":
                options.RespectNullableAnnotations = false;
                break;
            case "AllowDuplicateProperties":
                options.AllowDuplicateProperties = true;
                break;
            default:
                options.Converters.Remove(options.Converters.Single(c => c.GetType().Name == option));
                break;
        }
        return options.GetTypeInfo(typeof(Added));
    }

    [Theory]
    [InlineData("2026-11-23T10:30:00+01:00", "2026-11-23T09:30:00Z")]
    [InlineData("2026-11-23T09:30:00Z", "2026-11-23T09:30:00Z")]
    [InlineData("2026-11-23T09:30:00.1000000Z", "2026-11-23T09:30:00.1Z")]
    [InlineData("2026-11-23T09:30:00.1234567Z", "2026-11-23T09:30:00.1234567Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    public void Instants_are_utc_to_the_last_tick_and_have_one_form(string read, string written)
    {
        DateTimeOffset instant = Read<DateTimeOffset>($"\"{read}\"", new UtcInstantConverter());

        Assert.Equal(TimeSpan.Zero, instant.Offset);
        Assert.Equal($"\"{written}\"", Write(instant, new UtcInstantConverter()));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("12.50")]
    [InlineData("-0.0000000000000000000000000001")]
    [InlineData("79228162514264337593543950335")]
    public void Decimals_are_strings_and_keep_every_digit(string text) =>
        Assert.Equal($"\"{text}\"", Write(Read<decimal>($"\"{text}\"", new DecimalStringConverter()), new DecimalStringConverter()));

    [Theory]
    [InlineData("12.5")]
    [InlineData("\"12,5\"")]
    [InlineData("\"1e5\"")]
    [InlineData("\" 1\"")]
    [InlineData("\"\"")]
    [InlineData("\"1,000\"")]
    [InlineData("\"792281625142643375935439503350\"")]
    [InlineData("null")]
    public void What_is_no_decimal_is_an_error(string json) =>
        Assert.Throws<JsonException>(() => Read<decimal>(json, new DecimalStringConverter()));

    [Theory]
    [InlineData("\"yesterday\"")]
    [InlineData("\"23.11.2026\"")]
    [InlineData("1763890200")]
    [InlineData("null")]
    public void What_is_no_instant_is_an_error(string json) =>
        Assert.Throws<JsonException>(() => Read<DateTimeOffset>(json, new UtcInstantConverter()));

    private static T Read<T>(string json, JsonConverter<T> converter) => JsonSerializer.Deserialize<T>(json, Options(converter))!;

    private static string Write<T>(T value, JsonConverter<T> converter) => JsonSerializer.Serialize(value, Options(converter));

    private static JsonSerializerOptions Options(JsonConverter converter) => new() { Converters = { converter } };
}
