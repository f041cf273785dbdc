using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Queries;

/// <summary>The functions of the current time read the clock of the account, as <c>_ts</c> and times to live do.</summary>
public sealed class QueryClockTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(clock: clock);
        container = await account.ContainerAsync();
        await container.CreateItemAsync(new Thing("1", "a"));
        await container.CreateItemAsync(new Thing("2", "a"));
    }

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Theory]
    [InlineData("SELECT VALUE GetCurrentDateTime()", "2026-03-01T12:00:00.0000000Z")]
    [InlineData("SELECT VALUE GetCurrentDateTimeStatic()", "2026-03-01T12:00:00.0000000Z")]
    [InlineData("SELECT VALUE ToString(GetCurrentTimestamp())", "1772366400000")]
    [InlineData("SELECT VALUE ToString(GetCurrentTicks())", "17723664000000000")]
    public async Task A_query_is_asked_at_the_time_of_the_accounts_clock(string query, string expected) =>
        Assert.Equal([expected], await container.GetItemQueryIterator<string>(query).AllAsync());

    [Fact]
    public async Task Items_are_compared_with_the_clock_that_stamped_them()
    {
        const string older = "SELECT VALUE c.id FROM c WHERE c._ts * 1000 < GetCurrentTimestamp() - 60000";
        Assert.Empty(await container.GetItemQueryIterator<string>(older).AllAsync());
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(["1", "2"], await container.GetItemQueryIterator<string>(older).AllAsync());
    }

    [Theory]
    [InlineData("GetCurrentTicks", false)]
    [InlineData("GetCurrentTicksStatic", true)]
    [InlineData("GetCurrentTimestamp", false)]
    [InlineData("GetCurrentTimestampStatic", true)]
    [InlineData("GetCurrentDateTime", false)]
    [InlineData("GetCurrentDateTimeStatic", true)]
    public async Task Only_the_static_form_is_the_same_for_all_items_of_a_page(string function, bool same)
    {
        clock.AutoAdvanceAmount = TimeSpan.FromSeconds(1);
        List<object> values = await container.GetItemQueryIterator<object>($"SELECT VALUE {function}() FROM c").AllAsync();
        Assert.Equal(2, values.Count);
        Assert.Equal(same, values[0].Equals(values[1]));
    }

    [Fact]
    public async Task The_condition_of_a_patch_is_judged_by_the_same_clock()
    {
        PatchItemRequestOptions until(string time) => new() { FilterPredicate = $"FROM c WHERE GetCurrentDateTime() < '{time}'" };
        PatchOperation[] touch = [PatchOperation.Set("/n", 1)];
        await container.PatchItemAsync<Thing>("1", new PartitionKey("a"), touch, until("2026-03-01T12:00:01"));
        clock.Advance(TimeSpan.FromSeconds(2));
        await Feeds.FailsAsync(
            System.Net.HttpStatusCode.PreconditionFailed,
            () => container.PatchItemAsync<Thing>("1", new PartitionKey("a"), touch, until("2026-03-01T12:00:01")));
    }
}
