using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>Reads the JSON body of a command, with its limit enforced while reading.</summary>
internal static class RequestBody
{
    private static readonly string[] LineTypes = ["application/jsonl", "application/x-ndjson"];

    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <summary>The bytes of the body. No body is an empty object, so that commands without members need none.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadJsonAsync(HttpRequestData request, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = await ReadAsync(request, HttpLimits.MaxBodyBytes, cancellationToken);
        if (body.IsEmpty)
        {
            return EmptyObject;
        }
        CheckContentType(request.Header("Content-Type"));
        return body.Span is [0xEF, 0xBB, 0xBF, ..] ? body[3..] : body; // Some editors and shells put a byte order mark there.
    }

    /// <summary>The bytes of JSON Lines.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadLinesAsync(HttpRequestData request, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = await ReadAsync(request, HttpLimits.MaxImportBytes, cancellationToken);
        string? contentType = request.Header("Content-Type");
        return MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type) && LineTypes.Contains(type.MediaType, StringComparer.OrdinalIgnoreCase)
            ? body
            : throw new ProblemException(new Problem(
                ProblemKind.UnsupportedMediaType, $"The body came as {contentType ?? "no type at all"}: send it with Content-Type: {LineTypes[0]}."));
    }

    /// <summary>Where the body stops being JSON; null when it is JSON, whatever it says.</summary>
    public static ValidationError? FindSyntaxError(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        try
        {
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException e)
        {
            string what = e.Message.Split(" LineNumber:", 2)[0];
            return new ValidationError("$", string.Create(
                CultureInfo.InvariantCulture, $"Line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {what}"));
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequestData request, int maxBytes, CancellationToken cancellationToken)
    {
        if (long.TryParse(request.Header("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out long announced) && announced > maxBytes)
        {
            throw TooLarge(maxBytes);
        }
        byte[] buffer = new byte[1024];
        int length = 0;
        while (await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and int read)
        {
            length += read;
            if (length > maxBytes)
            {
                throw TooLarge(maxBytes);
            }
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 4, maxBytes + 1));
            }
        }
        // The Functions host drops bodies of unknown length; taking that for an empty command would be wrong.
        return length > 0 || request.Header("Transfer-Encoding") is null ? buffer.AsMemory(0, length) : throw new ProblemException(new Problem(
            ProblemKind.LengthRequired, "A body in chunks does not arrive here: send it with a Content-Length."));
    }

    private static void CheckContentType(string? contentType)
    {
        bool isJson = MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            && (string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase)
                || (type.MediaType?.StartsWith("application/", StringComparison.OrdinalIgnoreCase) == true
                    && type.MediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
            && type.CharSet?.Trim('"') is var charset
            && (charset is null || string.Equals(charset, "utf-8", StringComparison.OrdinalIgnoreCase));
        if (!isJson)
        {
            throw new ProblemException(new Problem(
                ProblemKind.UnsupportedMediaType,
                $"The body came as {contentType ?? "no type at all"}: send it as UTF-8 with Content-Type: application/json."));
        }
    }

    private static ProblemException TooLarge(int maxBytes) =>
        new(new Problem(ProblemKind.BodyTooLarge, $"A body has at most {maxBytes} bytes."));
}
