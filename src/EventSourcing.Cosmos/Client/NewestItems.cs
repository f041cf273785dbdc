using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The items of a container that were written last. <c>_ts</c> is indexed in every container, so each physical partition reads one page of
/// items from the end of its index and nothing else, however many there are.
/// </summary>
internal static class NewestItems
{
    /// <param name="container">Whose items.</param>
    /// <param name="query">Which of them.</param>
    /// <param name="condition">What else must hold of an item <c>c</c>; only members that are indexed.</param>
    /// <param name="read">Makes a record of an item; the item lives no longer.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public static async Task<NewestPage<T>> ReadAsync<T>(
        Container container, NewestQuery query, string condition, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.PageSize, 1);
        string name = query.NameOf($"{container.Id} {condition}");
        string? from = Continuation.Unwrap(name, query.Continuation);
        try
        {
            using FeedIterator feed = container.GetItemQueryStreamIterator(
                DefinitionOf(query, condition), from, new QueryRequestOptions { MaxItemCount = query.PageSize });
            using QueryPage page = await QueryPage.NextAsync(feed, container, cancellationToken);
            return new NewestPage<T>(
                [.. page.Items.EnumerateArray().Select(i => new Written<T>(read(i), DateTimeOffset.FromUnixTimeSeconds(i.GetProperty("_ts"u8).GetInt64())))],
                page.Continuation is { } next ? Continuation.Wrap(name, next) : null);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.BadRequest && from is not null)
        {
            throw new InvalidContinuationException(); // It has the form of a token, but the client can't read it.
        }
    }

    private static QueryDefinition DefinitionOf(NewestQuery query, string condition)
    {
        string since = query.Since is null ? "" : " AND c._ts >= @since";
        string category = query.Category is null ? "" : " AND c.stream > @first AND c.stream < @end";
        QueryDefinition definition = new($"SELECT * FROM c WHERE {condition}{since}{category} ORDER BY c._ts DESC");
        definition = query.Since is { } at ? definition.WithParameter("@since", at.ToUnixTimeSeconds()) : definition;
        // The full stop comes right after the hyphen, so it ends the streams of the category.
        return query.Category is { } of ? definition.WithParameter("@first", $"{of}-").WithParameter("@end", $"{of}.") : definition;
    }
}
