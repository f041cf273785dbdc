using System.Net;
using Microsoft.Azure.Cosmos;

namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>Reads feeds to their end.</summary>
internal static class Feeds
{
    /// <summary>A feed that never ends is a fault that a test must see, not a hang.</summary>
    private const int MostPages = 2000;

    public static async Task<List<T>> AllAsync<T>(this FeedIterator<T> iterator)
    {
        List<T> items = [];
        foreach (IReadOnlyList<T> page in await iterator.PagesAsync())
        {
            items.AddRange(page);
        }

        return items;
    }

    public static async Task<List<IReadOnlyList<T>>> PagesAsync<T>(this FeedIterator<T> iterator)
    {
        List<IReadOnlyList<T>> pages = [];
        using (iterator)
        {
            while (iterator.HasMoreResults)
            {
                Assert.True(pages.Count < MostPages, "The feed does not end.");
                pages.Add([.. await iterator.ReadNextAsync()]);
            }
        }

        return pages;
    }

    /// <summary>All changes until every range has said that there is nothing new, and the continuation from there.</summary>
    public static async Task<(List<IReadOnlyList<T>> Pages, string Continuation)> ChangesAsync<T>(this FeedIterator<T> iterator)
    {
        List<IReadOnlyList<T>> pages = [];
        using (iterator)
        {
            while (true)
            {
                Assert.True(pages.Count < MostPages, "The feed does not end.");
                FeedResponse<T> response = await iterator.ReadNextAsync();
                if (response.StatusCode == HttpStatusCode.NotModified)
                {
                    return (pages, response.ContinuationToken);
                }

                pages.Add([.. response]);
            }
        }
    }

    public static async Task<CosmosException> FailsAsync(HttpStatusCode status, Func<Task> action)
    {
        CosmosException exception = await Assert.ThrowsAsync<CosmosException>(action);
        Assert.Equal(status, exception.StatusCode);
        return exception;
    }
}
