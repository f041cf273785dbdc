using System.Net;
using System.Text;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Items;

/// <summary>What can't be stored, each with its status and substatus.</summary>
public sealed class RefusedItemTests : IAsyncLifetime
{
    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        container = await account.ContainerAsync();
    }

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Theory]
    [InlineData("{", 400, 0)]
    [InlineData("", 400, 0)]
    [InlineData("[]", 400, 0)]
    [InlineData("7", 400, 0)]
    [InlineData("""{"id":"1","pk":"a"} x""", 400, 0)]
    [InlineData("""{"id":"1","pk":"a",}""", 400, 0)]
    [InlineData("""{"id":"1","pk":"a","n":01}""", 400, 0)]
    [InlineData("""{"id":"1","pk":"a","n":NaN}""", 400, 0)]
    [InlineData("""{"id":"1","pk":"a","text":"\ud800"}""", 201, 0)]
    [InlineData("""{"pk":"a"}""", 400, 0)]
    [InlineData("""{"id":"","pk":"a"}""", 400, 0)]
    [InlineData("""{"id":1,"pk":"a"}""", 400, 0)]
    [InlineData("""{"id":null,"pk":"a"}""", 400, 0)]
    [InlineData("""{"id":"a\\b","pk":"a"}""", 400, 0)]
    [InlineData("""{"id":"1","pk":"b"}""", 400, 1001)]
    [InlineData("""{"id":"1"}""", 400, 1001)]
    [InlineData("""{"id":"1","pk":7}""", 400, 1001)]
    [InlineData("""{"id":"1","pk":{"a":1}}""", 400, 1001)]
    [InlineData("{\"id\":\"1\",\"pk\":\"a\",\"text\":\"tab\tline\nquote\\\"\t\"}", 201, 0)] // Not JSON, but stored by the service.
    [InlineData("{\t\n\"id\" :\"1\",\"pk\":\"a\"\r\n}", 201, 0)]
    [InlineData("""  { "id" : "1" , "pk" : "a" }  """, 201, 0)]
    [InlineData("""{"\u0069d":"1","pk":"\u0061"}""", 201, 0)]
    public async Task A_body_is_stored_or_refused(string body, int status, int subStatus)
    {
        using ResponseMessage answer = await container.CreateItemStreamAsync(Stream(body), new PartitionKey("a"));
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        Assert.Equal(subStatus, (int?)answer.CosmosException()?.SubStatusCode ?? 0);
        Assert.Equal(status == 201, (await container.GetItemQueryIterator<Thing>((string?)null).AllAsync()).Count == 1);
    }

    [Fact]
    public async Task Bytes_that_are_not_text_are_refused()
    {
        byte[] body = [.. "{\"id\":\"1\",\"pk\":\"a\",\"t\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        using ResponseMessage answer = await container.CreateItemStreamAsync(new MemoryStream(body), new PartitionKey("a"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData(2 * 1024 * 1024, 201)]
    [InlineData((2 * 1024 * 1024) + 1, 413)]
    public async Task An_item_may_have_two_megabytes(int bytes, int status)
    {
        const string frame = """{"id":"1","pk":"a","t":""}""";
        string body = frame.Insert(frame.Length - 2, new string('x', bytes - frame.Length));
        using ResponseMessage answer = await container.CreateItemStreamAsync(Stream(body), new PartitionKey("a"));
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
    }

    [Theory]
    [InlineData(1023, 201)]
    [InlineData(1024, 400)]
    public async Task An_id_may_have_1023_bytes(int length, int status)
    {
        using ResponseMessage answer = await container.CreateItemStreamAsync(
            Stream($$"""{"id":"{{new string('i', length)}}","pk":"a"}"""), new PartitionKey("a"));
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
    }

    [Theory]
    [InlineData(2048, 201)]
    [InlineData(2049, 400)]
    public async Task A_partition_key_may_have_2048_bytes(int length, int status)
    {
        string key = new('k', length);
        using ResponseMessage answer = await container.CreateItemStreamAsync(Stream($$"""{"id":"1","pk":"{{key}}"}"""), new PartitionKey(key));
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
    }

    [Theory]
    [InlineData(127, 201)]
    [InlineData(129, 400)]
    public async Task Nesting_is_limited(int depth, int status)
    {
        string nested = new string('[', depth - 1) + new string(']', depth - 1);
        using ResponseMessage answer = await container.CreateItemStreamAsync(
            Stream($$"""{"id":"1","pk":"a","n":{{nested}}}"""), new PartitionKey("a"));
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
    }

    [Fact]
    public async Task An_item_in_a_missing_container_or_database_tells_which_by_its_substatus()
    {
        using var raw = new RawClient(account.Cosmos);
        RawAnswer noContainer = await raw.GetAsync("/dbs/db/colls/none/docs/1", ("x-ms-documentdb-partitionkey", "[\"a\"]"));
        Assert.Equal((404, 0), (noContainer.Status, noContainer.SubStatus));
        RawAnswer noDatabase = await raw.GetAsync("/dbs/none/colls/none/docs/1", ("x-ms-documentdb-partitionkey", "[\"a\"]"));
        Assert.Equal((404, 1003), (noDatabase.Status, noDatabase.SubStatus));
    }

    private static MemoryStream Stream(string body) => new(Encoding.UTF8.GetBytes(body));
}

internal static class ResponseMessageExtensions
{
    public static CosmosException? CosmosException(this ResponseMessage message)
    {
        try
        {
            message.EnsureSuccessStatusCode();
            return null;
        }
        catch (CosmosException exception)
        {
            return exception;
        }
    }
}
