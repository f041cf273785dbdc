using System.Buffers;
using System.Text.Json;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Batch;

/// <summary>The JSON form that other clients send. COSMOS-PROTOCOL §5.2.</summary>
internal sealed class JsonBatch : IBatchFormat
{
    public IReadOnlyList<BatchOperation> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(ReadOperation)]
                : throw Malformed("It is not an array.");
        }
        catch (JsonException exception)
        {
            throw Malformed(exception.Message);
        }
    }

    public byte[] Write(IReadOnlyList<BatchResult> results)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (BatchResult result in results)
            {
                WriteResult(writer, result);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static BatchOperation ReadOperation(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("An operation is not an object.");
        }

        string? type = Text(element, "operationType");
        if (!Enum.TryParse(type, ignoreCase: true, out ItemOperationKind kind) || !Enum.IsDefined(kind))
        {
            throw Malformed($"The operation type '{type}' is unknown.");
        }

        return new BatchOperation(kind)
        {
            PartitionKey = Text(element, "partitionKey"),
            Id = Text(element, "id"),
            IfMatch = Text(element, "ifMatch"),
            IfNoneMatch = Text(element, "ifNoneMatch"),
            Body = element.TryGetProperty("resourceBody"u8, out JsonElement body) ? JsonSerializer.SerializeToUtf8Bytes(body) : default,
        };
    }

    /// <summary>The text of a member, or the JSON of one that is not text: a key may come either way.</summary>
    private static string? Text(JsonElement element, string member) =>
        !element.TryGetProperty(member, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();

    private static void WriteResult(Utf8JsonWriter writer, BatchResult result)
    {
        writer.WriteStartObject();
        writer.WriteNumber("statusCode"u8, result.Status);
        if (result.SubStatus != 0)
        {
            writer.WriteNumber("subStatusCode"u8, result.SubStatus);
        }

        writer.WriteNumber("requestCharge"u8, result.Charge);
        if (result.RetryAfter is { } wait)
        {
            writer.WriteNumber("retryAfterMilliseconds"u8, (long)wait.TotalMilliseconds);
        }

        if (result.Etag is not null)
        {
            writer.WriteString("eTag"u8, result.Etag);
        }

        if (!result.Body.IsEmpty)
        {
            writer.WritePropertyName("resourceBody"u8);
            writer.WriteRawValue(result.Body.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    private static RefusedException Malformed(string detail) => new(Errors.MalformedBody("batch", detail));
}
