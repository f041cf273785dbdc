using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Tests;

/// <summary>What a view holds is stored as it is, or parks the one stream that made it so.</summary>
public sealed class StorableViewTests
{
    private const int Bad = 13;

    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Cases => new(
        from kind in (string[])["document", "entries", "header", "totals"]
        from fault in (string[])["deep", "not a number"]
        select (kind, fault));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_value_that_can_not_be_stored_parks_its_stream_and_no_other(string kind, string fault)
    {
        IProjection view = View(kind, fault);

        await world.HandleAsync(view, await world.AddAsync("a", 1), await world.AddAsync("b", Bad), await world.AddAsync("c", 2));

        ParkedPage parked = await world.Parked.ListAsync(view.FullName, 10, continuation: null, Cancellation);
        ParkedStream record = Assert.Single(parked.Items);
        Assert.Equal(("purse-b", ParkedStatus.Parked), (record.Stream, record.Status));
        Assert.StartsWith(nameof(UnstorableDataException), record.Error, StringComparison.Ordinal);
        Assert.Equal(1, await SeenAsync(view, "a"));
        Assert.Equal(1, await SeenAsync(view, "c"));
    }

    private async Task<long> SeenAsync(IProjection view, string id)
    {
        StreamName stream = Purse.Stream(id);
        ViewPartition partition = new(view.Name, view.Version, view is TotalsView<Deep, PurseEvent> ? "all" : id);
        ViewRead read = await world.Views.ReadAsync(partition, [view.FenceOf(stream)], Cancellation);
        return read.Documents.Count == 0 ? 0 : read.Documents[0].Seen.GetValueOrDefault(stream.Value);
    }

    private static Deep Made(string fault, PurseEvent e) => (e as Added)?.Amount != Bad ? new Deep("", Inner: null) : fault switch
    {
        "deep" => Enumerable.Range(0, 55).Aggregate(new Deep("", Inner: null), (inner, _) => new Deep("", inner)),
        _ => new Deep("", Inner: null) { Ratio = double.NaN },
    };

    private static IProjection View(string kind, string fault) => kind switch
    {
        "document" => new DocumentView<Deep, PurseEvent>
        {
            Name = "storable",
            Version = 1,
            Sources = FailingViews.Log().Sources,
            Key = ViewKey<PurseEvent>.Stream,
            Initial = () => new Deep("", Inner: null),
            Apply = (_, e) => Made(fault, e.Event),
            Json = DeepJson.Default.Deep,
        },
        "entries" => new EntriesView<Deep, Deep, PurseEvent>
        {
            Name = "storable",
            Version = 1,
            Sources = FailingViews.Log().Sources,
            Key = ViewKey<PurseEvent>.Stream,
            Initial = () => new Deep("", Inner: null),
            Apply = (header, e) => (header, Made(fault, e.Event)),
            HeaderJson = DeepJson.Default.Deep,
            EntryJson = DeepJson.Default.Deep,
        },
        "header" => new EntriesView<Deep, Deep, PurseEvent>
        {
            Name = "storable",
            Version = 1,
            Sources = FailingViews.Log().Sources,
            Key = ViewKey<PurseEvent>.Stream,
            Initial = () => new Deep("", Inner: null),
            Apply = (_, e) => (Made(fault, e.Event), null),
            HeaderJson = DeepJson.Default.Deep,
            EntryJson = DeepJson.Default.Deep,
        },
        _ => new TotalsView<Deep, PurseEvent>
        {
            Name = "storable",
            Version = 1,
            Sources = FailingViews.Log().Sources,
            DocumentOf = e => e.Stream.Id,
            Initial = () => new Deep("", Inner: null),
            Apply = (_, e) => Made(fault, e.Event),
            Json = DeepJson.Default.Deep,
        },
    };
}

public sealed record Deep(string Text, Deep? Inner)
{
    public double Ratio { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter)])]
[JsonSerializable(typeof(Deep))]
internal sealed partial class DeepJson : JsonSerializerContext;
