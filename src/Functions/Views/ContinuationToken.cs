using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Views;

/// <summary>
/// The store's own token in characters that any URL takes, bound to its query: with another view, key or order it would go on at a
/// place that means nothing there. It protects from mistakes, not from malice: a client can read nothing with it that it may not read.
/// </summary>
internal static class ContinuationToken
{
    private const int TagBytes = 4;

    public static string Write(string stored, ViewQuery query) =>
        Base64Url.EncodeToString([.. TagOf(query), .. Encoding.UTF8.GetBytes(stored)]);

    public static string Read(string token, ViewQuery query)
    {
        if (!Base64Url.IsValid(token))
        {
            throw Invalid();
        }
        ReadOnlySpan<byte> bytes = Base64Url.DecodeFromChars(token);
        return bytes.Length > TagBytes && bytes[..TagBytes].SequenceEqual(TagOf(query))
            ? Encoding.UTF8.GetString(bytes[TagBytes..])
            : throw Invalid();
    }

    public static ProblemException Invalid() =>
        new(Problem.InvalidQuery("continuation", "It is not one that this list gave: begin again without it."));

    private static ReadOnlySpan<byte> TagOf(ViewQuery query) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{query.Projection}@{query.Version}/{query.Kind}/{query.NewestFirst}/{query.Key}")).AsSpan(0, TagBytes);
}

/// <summary>An ETag made of the answer itself: the same in every instance, and after a view was built anew.</summary>
internal static class ContentTag
{
    private const int TagBytes = 12;

    public static string Of(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return $"\"{Base64Url.EncodeToString(hash[..TagBytes])}\"";
    }
}
