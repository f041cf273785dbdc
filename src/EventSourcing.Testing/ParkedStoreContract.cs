using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IParkedStore"/> as a test. Inherit it in a test project and return the store; it may be shared and
/// hold records of other consumers.
/// </summary>
public abstract class ParkedStoreContract
{
    private readonly string consumer = $"contract-{NewId()}@1";

    protected abstract IParkedStore Store { get; }

    [Fact]
    public async Task What_was_never_parked_is_not_found()
    {
        Assert.Null(await Store.ReadAsync(consumer, "account-1", Token));
        Assert.Empty((await Store.ListAsync(consumer, 10, null, Token)).Items);
        Assert.Equal(0, await Store.CountAsync(consumer, ParkedStatus.Parked, Token));
    }

    [Fact]
    public async Task A_record_is_read_back_unchanged()
    {
        ParkedStream full = Record("account-1") with { NextRetryAt = Noon.AddHours(1), CorrelationId = "gespräch-1", Error = "JsonException: \"é\" 🦊" };

        ParkedStream? stored = await Store.TryWriteAsync(full, Token);

        Assert.Equal(full, stored! with { ETag = null });
        Assert.False(string.IsNullOrEmpty(stored.ETag));
        Assert.Equal(stored, await Store.ReadAsync(consumer, "account-1", Token));
        ParkedStream bare = (await Store.TryWriteAsync(Record("account-2"), Token))!;
        Assert.Equal(bare, await Store.ReadAsync(consumer, "account-2", Token));
    }

    [Fact]
    public async Task A_new_record_does_not_replace_one_that_is_there()
    {
        ParkedStream first = await WriteAsync(Record("account-1"));

        Assert.Null(await Store.TryWriteAsync(Record("account-1") with { Attempts = 9 }, Token));
        Assert.Equal(first, await Store.ReadAsync(consumer, "account-1", Token));
    }

    [Fact]
    public async Task A_record_is_replaced_only_while_it_is_unchanged()
    {
        ParkedStream first = await WriteAsync(Record("account-1"));
        ParkedStream second = await WriteAsync(first with { Attempts = 2 });

        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Null(await Store.TryWriteAsync(first with { Attempts = 3 }, Token));
        Assert.Equal(2, (await Store.ReadAsync(consumer, "account-1", Token))?.Attempts);
    }

    [Fact]
    public async Task A_record_is_deleted_only_while_it_is_unchanged()
    {
        ParkedStream first = await WriteAsync(Record("account-1"));
        ParkedStream second = await WriteAsync(first with { Attempts = 2 });

        Assert.False(await Store.TryDeleteAsync(first, Token));
        Assert.Equal(second, await Store.ReadAsync(consumer, "account-1", Token));
        Assert.True(await Store.TryDeleteAsync(second, Token));
        Assert.Null(await Store.ReadAsync(consumer, "account-1", Token));
        Assert.False(await Store.TryDeleteAsync(second, Token));
        Assert.Null(await Store.TryWriteAsync(second with { Attempts = 3 }, Token));
    }

    [Fact]
    public async Task Of_parallel_writers_of_one_record_exactly_one_wins()
    {
        ParkedStream?[] created = await Task.WhenAll(Enumerable.Range(1, 8).Select(i =>
            Task.Run(() => Store.TryWriteAsync(Record("account-1") with { Attempts = i }, Token))));
        ParkedStream winner = Assert.Single(created, r => r is not null)!;
        ParkedStream?[] updated = await Task.WhenAll(Enumerable.Range(1, 8).Select(i =>
            Task.Run(() => Store.TryWriteAsync(winner with { Attempts = 10 + i }, Token))));

        Assert.Equal(Assert.Single(updated, r => r is not null), await Store.ReadAsync(consumer, "account-1", Token));
    }

    [Theory]
    [InlineData("no stream name")]
    [InlineData("with/slash?and#more\\")]
    [InlineData("~tilde")]
    [InlineData("é 🦊")]
    public async Task What_is_no_stream_name_can_be_parked_too(string stream)
    {
        ParkedStream stored = await WriteAsync(Record(stream));

        Assert.Equal(stored, await Store.ReadAsync(consumer, stream, Token));
        Assert.Equal([stored], (await Store.ListAsync(consumer, 10, null, Token)).Items);
        Assert.True(await Store.TryDeleteAsync(stored, Token));
    }

    [Theory]
    [InlineData(1, 12)]
    [InlineData(5, 3)]
    [InlineData(6, 2)]
    [InlineData(100, 1)]
    public async Task Records_are_listed_in_full_pages_by_stream_name(int pageSize, int pages)
    {
        string[] streams = [.. Enumerable.Range(1, 12).Select(i => $"account-{i:D2}")];
        foreach (string stream in streams.Reverse())
        {
            await WriteAsync(Record(stream));
        }
        await Store.TryWriteAsync(Record("account-00") with { Consumer = consumer + "0" }, Token);

        List<string> listed = [];
        int read = 0;
        for (string? continuation = null; read == 0 || continuation is not null; read++)
        {
            Assert.True(read < 100, "The listing does not end.");
            ParkedPage page = await Store.ListAsync(consumer, pageSize, continuation, Token);
            listed.AddRange(page.Items.Select(r => r.Stream));
            continuation = page.Continuation;
        }

        Assert.Equal(streams, listed);
        Assert.Equal(pages, read);
    }

    [Fact]
    public async Task A_continuation_that_this_query_did_not_make_is_refused()
    {
        await WriteAsync(Record("account-1"));
        await WriteAsync(Record("account-2"));
        string token = (await Store.ListAsync(consumer, 1, null, Token)).Continuation!;

        foreach (string wrong in (string[])["", "account-1", token[..^2], token + "AA"])
        {
            await Assert.ThrowsAsync<InvalidContinuationException>(() => Store.ListAsync(consumer, 1, wrong, Token));
        }
        await Assert.ThrowsAsync<InvalidContinuationException>(() => Store.ListAsync(consumer + "0", 1, token, Token));
    }

    [Fact]
    public async Task Only_parked_streams_of_the_consumer_are_counted()
    {
        await WriteAsync(Record("account-1"));
        await WriteAsync(Record("account-2"));
        await WriteAsync(Record("account-3") with { Status = ParkedStatus.Failing });
        await Store.TryWriteAsync(Record("account-4") with { Consumer = consumer + "0" }, Token);

        Assert.Equal(2, await Store.CountAsync(consumer, ParkedStatus.Parked, Token));
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_writes_nothing()
    {
        CancellationToken cancelled = new(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryWriteAsync(Record("account-1"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAsync(consumer, "account-1", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryDeleteAsync(Record("account-1") with { ETag = "\"1\"" }, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ListAsync(consumer, 1, null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.CountAsync(consumer, ParkedStatus.Parked, cancelled));
        Assert.Null(await Store.ReadAsync(consumer, "account-1", Token));
    }

    private async Task<ParkedStream> WriteAsync(ParkedStream record)
    {
        ParkedStream? stored = await Store.TryWriteAsync(record, Token);
        Assert.NotNull(stored);
        return stored;
    }

    private ParkedStream Record(string stream) => new()
    {
        Consumer = consumer,
        Stream = stream,
        Status = ParkedStatus.Parked,
        FromVersion = 3,
        ThroughVersion = 9_999_999_999,
        Error = "EventDecodeException: the event can't be read",
        Attempts = 1,
        FirstFailedAt = Noon,
        LastFailedAt = Noon.AddMinutes(5),
    };
}
