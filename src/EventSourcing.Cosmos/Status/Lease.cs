using System.Globalization;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// One lease as the change feed processor stores it. Its time of change says that the owner lives, not that it comes further: the owner
/// renews it while a batch is being processed as well.
/// </summary>
internal sealed record Lease(FeedPosition Position, EpkRange Range)
{
    public static Lease Read(JsonElement item)
    {
        string? owner = TextOf(item, "Owner");
        FeedPosition position = new(
            item.GetProperty("LeaseToken"u8).GetString()!,
            TextOf(item, "ContinuationToken"),
            string.IsNullOrEmpty(owner) ? null : owner,
            DateTimeOffset.FromUnixTimeSeconds(item.GetProperty("_ts"u8).GetInt64()));
        return new Lease(position, EpkRange.Read(item.GetProperty("FeedRange"u8)));
    }

    private static string? TextOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>How the processor begins the ids of its leases: its name, the account, the ids of database and container, two dots.</summary>
internal static class LeasePrefix
{
    private const int DatabaseRidBytes = 4;

    public static string Of(string processor, Container monitored, string containerRid)
    {
        // A resource id is base64 with '-' for '/'; the database's is the beginning of the container's.
        byte[] rid = Convert.FromBase64String(containerRid.Replace('-', '/'));
        string database = Convert.ToBase64String(rid.AsSpan(0, DatabaseRidBytes)).Replace('/', '-');
        return $"{processor}{monitored.Database.Client.Endpoint.Host}_{database}_{containerRid}..";
    }
}

/// <summary>A range of hashed partition keys, the upper end excluded.</summary>
internal sealed record EpkRange(string Min, string Max)
{
    /// <summary>The range in the records of readers that keep their own position.</summary>
    public string Name => $"{Min}-{Max}";

    public static EpkRange OfName(string name) => name.Split('-', 2) is [var min, var max]
        ? new EpkRange(min, max)
        : throw new FormatException($"'{name}' is not a range of the feed.");

    public static EpkRange Parse(string feedRange)
    {
        using JsonDocument document = JsonDocument.Parse(feedRange);
        return Read(document.RootElement);
    }

    public static EpkRange Read(JsonElement feedRange)
    {
        JsonElement range = feedRange.GetProperty("Range"u8);
        return new EpkRange(range.GetProperty("min"u8).GetString()!, range.GetProperty("max"u8).GetString()!);
    }

    /// <summary>Null when they have nothing in common. Hashes are hex digits, so they compare as text; <c>FF</c> is above all.</summary>
    public EpkRange? Intersect(EpkRange other)
    {
        string min = string.CompareOrdinal(Min, other.Min) > 0 ? Min : other.Min;
        string max = string.CompareOrdinal(Max, other.Max) < 0 ? Max : other.Max;
        return string.CompareOrdinal(min, max) < 0 ? new EpkRange(min, max) : null;
    }

    public string ToJson() => JsonSerializer.Serialize(new { Range = new { min = Min, max = Max } }, JsonSerializerOptions.Default);

    /// <summary>
    /// A continuation token of the client for this range at a lease's position, in the form of its first releases, which later ones
    /// have to read for ever. There is no other public way to read a range from a lease's position.
    /// </summary>
    public string StartAt(string? position, string containerRid) => JsonSerializer.Serialize(
        new
        {
            V = 0,
            Rid = containerRid,
            Continuation = new[] { new { token = position, range = new { min = Min, max = Max } } },
        },
        JsonSerializerOptions.Default);
}

/// <summary>The change counter of a physical partition, from the continuation token of a feed that reads one range.</summary>
internal static class FeedCounter
{
    /// <summary>0 for a token of a form that is not known here: the caller then knows only that there is something.</summary>
    public static long Of(string? continuation)
    {
        if (continuation is null)
        {
            return 0;
        }
        using JsonDocument token = JsonDocument.Parse(continuation);
        return token.RootElement.TryGetProperty("Continuation"u8, out JsonElement ranges) && ranges.ValueKind == JsonValueKind.Array
            && ranges.GetArrayLength() == 1
            && ranges[0].TryGetProperty("State"u8, out JsonElement state) && state.ValueKind == JsonValueKind.Object
            && state.TryGetProperty("value"u8, out JsonElement value) && value.ValueKind == JsonValueKind.String
            && long.TryParse(value.GetString()!.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long counter)
            ? counter
            : 0;
    }
}
