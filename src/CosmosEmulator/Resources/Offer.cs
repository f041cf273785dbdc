using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>The throughput of a database or container: fixed, or scaled by itself up to a maximum. Kept and shown, not enforced.</summary>
internal sealed record OfferContent(int Throughput, int? AutoscaleMaximum)
{
    private const string UpgradePolicy = "autoUpgradePolicy";

    private const int AutoscaleRatio = 10;
    private const int Smallest = 400;

    /// <summary>How the maximum grows by itself, as the client wrote it. Kept and shown.</summary>
    public string? AutoUpgradePolicy { get; init; }

    /// <summary>The least that the service lets it go down to: a tenth of the maximum, or the smallest there is.</summary>
    public int Minimum => AutoscaleMaximum is { } maximum ? Math.Max(1000, maximum / AutoscaleRatio) : Smallest;

    public static OfferContent Manual(int throughput) => new(Valid(throughput, Smallest, 100), null);

    public static OfferContent Autoscale(int maximum) => new(Valid(maximum, 1000, 1000) / AutoscaleRatio, maximum);

    private static int Valid(int throughput, int minimum, int step) => throughput >= minimum && throughput % step == 0
        ? throughput
        : throw new RefusedException(Errors.BadRequest(
            $"The offer should have valid throughput values between {minimum} and 1000000 inclusive in increments of {step}."));

    /// <summary>The throughput that a creation asks for in its headers, or null.</summary>
    public static OfferContent? From(CosmosRequest request)
    {
        if (request.Header(HeaderNames.AutoscaleSettings) is { Length: > 0 } settings)
        {
            return request.Header(HeaderNames.Throughput) is { Length: > 0 } ? throw new RefusedException(Errors.TwoThroughputs) : Parsed("autoscale settings", Encoding.UTF8.GetBytes(settings), AutoscaleFrom);
        }

        return request.Header(HeaderNames.Throughput) is not { Length: > 0 } text ? null
            : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int throughput) ? Manual(throughput)
            : throw new RefusedException(Errors.BadRequest("x-ms-offer-throughput is not a number."));
    }

    /// <summary>The throughput in the document of an offer that replaces another, whose resource id it must not change.</summary>
    public static OfferContent Replacing(Offer current, ReadOnlyMemory<byte> offer)
    {
        static string? Text(JsonElement root, string member) => root.TryGetProperty(member, out JsonElement value) ? value.GetString() : null;
        string? given = Parsed("offer", offer, root => Text(root, "_rid") ?? Text(root, "id"));
        return given == current.ResourceIdText
            ? From(offer)
            : throw new RefusedException(Errors.BadRequest("The offer does not have the resource id that it is replaced under."));
    }

    public static OfferContent From(ReadOnlyMemory<byte> offer) => Parsed("offer", offer, root =>
    {
        JsonElement content = root.GetProperty("content"u8);
        return content.TryGetProperty("offerAutopilotSettings"u8, out JsonElement settings) && settings.ValueKind == JsonValueKind.Object
            ? AutoscaleFrom(settings)
            : Manual(content.GetProperty("offerThroughput"u8).GetInt32());
    });

    private static OfferContent AutoscaleFrom(JsonElement settings) =>
        Autoscale(settings.GetProperty("maxThroughput"u8).GetInt32()) with
        {
            AutoUpgradePolicy = settings.TryGetProperty(UpgradePolicy, out JsonElement policy) ? policy.GetRawText() : null,
        };

    private static T Parsed<T>(string what, ReadOnlyMemory<byte> json, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RefusedException(Errors.MalformedBody(what, exception.Message));
        }
    }
}

/// <summary>An offer document; <see cref="Target"/> is the resource id it is about. Immutable.</summary>
internal sealed class Offer
{
    private const int IdBytes = 3;

    private Offer(string resourceId, string target, string resource, OfferContent content, string etag, long timestamp)
    {
        ResourceIdText = resourceId;
        Target = target;
        Resource = resource;
        Etag = etag;
        Minimum = content.Minimum;
        var inner = new JsonObject
        {
            ["offerThroughput"] = content.Throughput,
            ["offerIsRUPerMinuteThroughputEnabled"] = false,
            ["offerMinimumThroughputParameters"] = new JsonObject { ["maxThroughputEverProvisioned"] = content.Throughput },
        };
        if (content.AutoscaleMaximum is { } maximum)
        {
            var settings = new JsonObject { ["tier"] = 0, ["maximumTierThroughput"] = 0, ["autoUpgrade"] = false, ["maxThroughput"] = maximum };
            if (content.AutoUpgradePolicy is { } policy)
            {
                settings["autoUpgradePolicy"] = JsonNode.Parse(policy);
            }

            inner["offerAutopilotSettings"] = settings;
        }

        Document = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["resource"] = resource,
            ["offerType"] = "Invalid",
            ["offerVersion"] = "V2",
            ["offerResourceId"] = target,
            ["content"] = inner,
            ["id"] = resourceId,
            ["_rid"] = resourceId,
            ["_self"] = $"offers/{resourceId}/",
            ["_etag"] = etag,
            ["_ts"] = timestamp,
        }.ToJsonString(CompactJson.Options));
    }

    public string ResourceIdText { get; }

    public string Target { get; }

    public string Etag { get; }

    public byte[] Document { get; }

    public int Minimum { get; }

    private string Resource { get; }

    public static Offer Create(string target, string resource, OfferContent content, string etag, long timestamp) =>
        new(ResourceId.Text(RandomNumberGenerator.GetBytes(IdBytes)), target, resource, content, etag, timestamp);

    public static Offer Restore(byte[] document)
    {
        using JsonDocument parsed = JsonDocument.Parse(document);
        JsonElement root = parsed.RootElement;
        string Text(string member) => root.GetProperty(member).GetString() ?? throw new FormatException($"'{member}' is null.");
        return new Offer(
            Text("_rid"), Text("offerResourceId"), Text("resource"), OfferContent.From(document), Text("_etag"), root.GetProperty("_ts"u8).GetInt64());
    }

    public Offer With(OfferContent content, string etag, long timestamp) => new(ResourceIdText, Target, Resource, content, etag, timestamp);
}
