using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.EventSourcing;

/// <summary>
/// Opaque continuation tokens for stores: base64url of a format number, a check sum over query and position, and the position. The
/// sum is no secret; it catches tokens that were cut, changed or made by another query before they reach a database.
/// </summary>
public static class Continuation
{
    /// <summary>Characters of a token; what is longer was not made here.</summary>
    public const int MaxLength = 16 * 1024;

    private const byte Format = 1;
    private const int SumBytes = 8;
    private const int PositionAt = 1 + SumBytes;

    /// <param name="query">All that makes one query another, but not the page size: a caller may change that from page to page.</param>
    /// <param name="position">Where the next page begins, in the store's own terms.</param>
    public static string Wrap(string query, string position)
    {
        byte[] text = Encoding.UTF8.GetBytes(position);
        byte[] token = new byte[PositionAt + text.Length];
        token[0] = Format;
        Sum(query, text).CopyTo(token, 1);
        text.CopyTo(token, PositionAt);
        return Base64Url.EncodeToString(token);
    }

    public static string Wrap(ViewQuery query, string position) => Wrap(TextOf(query), position);

    /// <summary>The position, or null for the beginning.</summary>
    /// <exception cref="InvalidContinuationException">This query did not make the token.</exception>
    public static string? Unwrap(string query, string? continuation) =>
        continuation is null ? null
        : TryUnwrap(query, continuation, out string? position) ? position
        : throw new InvalidContinuationException();

    /// <summary>The position, or null for the beginning.</summary>
    /// <exception cref="InvalidContinuationException">This query did not make the token.</exception>
    public static string? Unwrap(ViewQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Unwrap(TextOf(query), query.Continuation);
    }

    private static bool TryUnwrap(string query, string continuation, [NotNullWhen(true)] out string? position)
    {
        position = null;
        // The decoder skips white space, so it is refused here: a token has one spelling.
        if (continuation.Length > MaxLength || !continuation.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
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

    private static string TextOf(ViewQuery query) => string.Create(
        CultureInfo.InvariantCulture,
        $"{query.Projection}\n{query.Version}\n{query.Kind}\n{query.NewestFirst}\n{(query.Key is null ? "all" : "one")}\n{query.Key}");

    private static byte[] Sum(string query, ReadOnlySpan<byte> position) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(query), (byte)'\n', .. position])[..SumBytes];
}
