using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The opaque continuation of a listing: base64url of a format number, a check sum over query and position, and the position. The
/// sum is no secret; it catches tokens that were cut, changed or made by another query before they reach the database.
/// </summary>
internal static class ListContinuation
{
    /// <summary>Characters of a token; what is longer was not made here.</summary>
    public const int MaxLength = 16 * 1024;

    private const byte Format = 1;
    private const int SumBytes = 8;
    private const int PositionAt = 1 + SumBytes;

    public static string Wrap(ViewQuery query, string position)
    {
        byte[] text = Encoding.UTF8.GetBytes(position);
        byte[] token = new byte[PositionAt + text.Length];
        token[0] = Format;
        Sum(query, text).CopyTo(token, 1);
        text.CopyTo(token, PositionAt);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The position, or null for the start of the listing.</summary>
    /// <exception cref="InvalidContinuationException">This query did not make the token.</exception>
    public static string? Unwrap(ViewQuery query) =>
        query.Continuation is null ? null
        : TryUnwrap(query, query.Continuation, out string? position) ? position
        : throw new InvalidContinuationException();

    private static bool TryUnwrap(ViewQuery query, string continuation, [NotNullWhen(true)] out string? position)
    {
        position = null;
        if (continuation.Length > MaxLength)
        {
            return false;
        }
        byte[] token = new byte[Base64Url.GetMaxDecodedLength(continuation.Length)];
        OperationStatus status = Base64Url.DecodeFromChars(continuation, token, out _, out int length);
        if (status != OperationStatus.Done || length <= PositionAt || token[0] != Format)
        {
            return false;
        }
        ReadOnlySpan<byte> text = token.AsSpan(PositionAt, length - PositionAt);
        if (!Sum(query, text).AsSpan().SequenceEqual(token.AsSpan(1, SumBytes)))
        {
            return false;
        }
        position = Encoding.UTF8.GetString(text);
        return true;
    }

    // The page size is not part of it: a caller may change it from page to page.
    private static byte[] Sum(ViewQuery query, ReadOnlySpan<byte> position)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{query.Projection}\n{query.Version}\n{query.Kind}\n{query.NewestFirst}\n{(query.Key is null ? "all" : "one")}\n{query.Key}\n");
        return SHA256.HashData([.. Encoding.UTF8.GetBytes(text), .. position])[..SumBytes];
    }
}
