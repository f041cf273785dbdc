using System.Text;

namespace Serverless.CosmosEmulator.Http;

/// <summary>Lists of databases, containers and the like: in the order of their names, page by page.</summary>
internal static class ResourceList
{
    /// <summary>The continuation is the last name that was seen, so that resources may come and go between two pages.</summary>
    public static Answer Page(CosmosRequest request, string ownerId, string member, IEnumerable<(string Name, byte[] Document)> sorted)
    {
        string? after = request.Header(HeaderNames.Continuation) is { Length: > 0 } token ? Decode(token) : null;
        int maxItems = ContainerAccess.MaxItems(request);
        List<ReadOnlyMemory<byte>> page = [];
        string last = "";
        foreach ((string name, byte[] document) in sorted)
        {
            if (after is not null && string.CompareOrdinal(name, after) <= 0)
            {
                continue;
            }

            if (page.Count == maxItems)
            {
                return Answer(ownerId, member, page, Convert.ToBase64String(Encoding.UTF8.GetBytes(last)));
            }

            page.Add(document);
            last = name;
        }

        return Answer(ownerId, member, page, continuation: null);
    }

    private static Answer Answer(string ownerId, string member, List<ReadOnlyMemory<byte>> page, string? continuation) =>
        new(200, FeedBody.Write(ownerId, member, page)) { ItemCount = page.Count, Continuation = continuation };

    private static string Decode(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw new RefusedException(Errors.ContinuationMalformed);
        }
    }
}
