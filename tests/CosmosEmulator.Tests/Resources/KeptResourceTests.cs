using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Scripts;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Resources;

/// <summary>Users, permissions and scripts are kept as resources; scripts are never run, and whoever wants that is told so.</summary>
public sealed class KeptResourceTests : IAsyncLifetime
{
    private TestAccount account = null!;
    private Container container = null!;
    private RawClient raw = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        container = await account.ContainerAsync();
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Theory]
    [InlineData("/dbs/db/users", "Users", """{"id":"a"}""")]
    [InlineData("/dbs/db/colls/items/sprocs", "StoredProcedures", """{"id":"a","body":"function () { }"}""")]
    [InlineData("/dbs/db/colls/items/udfs", "UserDefinedFunctions", """{"id":"a","body":"function () { }"}""")]
    [InlineData("/dbs/db/colls/items/triggers", "Triggers", """{"id":"a","body":"function () { }","triggerType":"Pre","triggerOperation":"All"}""")]
    public async Task A_resource_is_created_read_listed_queried_replaced_and_deleted(string feed, string member, string body)
    {
        RawAnswer created = await raw.PostAsync(feed, body);
        Assert.Equal(201, created.Status);
        string rid = created.Json.GetProperty("_rid").GetString()!;
        Assert.Equal(409, (await raw.PostAsync(feed, body)).Status);
        Assert.Equal(created.Body, (await raw.GetAsync($"{feed}/a")).Body);
        Assert.Equal(created.Body, (await raw.GetAsync($"{feed}/{rid}")).Body);
        Assert.Equal(304, (await raw.GetAsync($"{feed}/a", ("If-None-Match", created.Header("ETag")!))).Status);
        Assert.Equal("a", Assert.Single((await raw.GetAsync(feed)).Json.GetProperty(member).EnumerateArray()).GetProperty("id").GetString());
        RawAnswer queried = await raw.PostAsync(
            feed, """{"query":"SELECT * FROM root r WHERE r.id = 'b'"}""", ("x-ms-documentdb-isquery", "True"));
        Assert.Empty(queried.Json.GetProperty(member).EnumerateArray());

        string renamed = body.Replace("\"a\"", "\"b\"", StringComparison.Ordinal);
        Assert.Equal(412, (await raw.SendAsync("PUT", $"{feed}/a", renamed, ("If-Match", "\"other\""))).Status);
        RawAnswer replaced = await raw.SendAsync("PUT", $"{feed}/a", renamed);
        Assert.Equal((200, rid), (replaced.Status, replaced.Json.GetProperty("_rid").GetString()));
        Assert.Equal(404, (await raw.GetAsync($"{feed}/a")).Status);
        Assert.Equal(200, (await raw.PostAsync(feed, renamed, ("x-ms-documentdb-is-upsert", "True"))).Status);
        Assert.Equal(201, (await raw.PostAsync(feed, body, ("x-ms-documentdb-is-upsert", "True"))).Status);
        Assert.Equal(409, (await raw.SendAsync("PUT", $"{feed}/a", renamed)).Status);
        Assert.Equal(204, (await raw.SendAsync("DELETE", $"{feed}/a", null)).Status);
        Assert.Equal(404, (await raw.SendAsync("DELETE", $"{feed}/a", null)).Status);
    }

    [Theory]
    [InlineData("/dbs/db/users", "{}", 400)]
    [InlineData("/dbs/db/users", """{"id":"a/b"}""", 400)]
    [InlineData("/dbs/none/users", """{"id":"a"}""", 404)]
    [InlineData("/dbs/db/users/none/permissions", """{"id":"p","permissionMode":"All","resource":"dbs/db/colls/items"}""", 404)]
    [InlineData("/dbs/db/users/u/permissions", """{"id":"p","permissionMode":"Some","resource":"dbs/db/colls/items"}""", 400)]
    [InlineData("/dbs/db/users/u/permissions", """{"id":"p","permissionMode":"All"}""", 400)]
    [InlineData("/dbs/db/colls/items/sprocs", """{"id":"a"}""", 400)]
    [InlineData("/dbs/db/colls/items/triggers", """{"id":"a","body":"x","triggerType":"Late","triggerOperation":"All"}""", 400)]
    [InlineData("/dbs/db/colls/none/udfs", """{"id":"a","body":"x"}""", 404)]
    [InlineData("/dbs/db/colls/items/udfs", "nonsense", 400)]
    public async Task A_resource_that_lacks_something_is_refused(string feed, string body, int status)
    {
        await raw.PostAsync("/dbs/db/users", """{"id":"u"}""");
        Assert.Equal(status, (await raw.PostAsync(feed, body)).Status);
    }

    [Fact]
    public async Task A_stored_procedure_is_kept_but_not_executed()
    {
        Scripts scripts = container.Scripts;
        await scripts.CreateStoredProcedureAsync(new StoredProcedureProperties("p", "function () { }"));
        CosmosException error = await Feeds.FailsAsync(
            HttpStatusCode.NotImplemented, () => scripts.ExecuteStoredProcedureAsync<string>("p", new PartitionKey("a"), []));
        Assert.Contains("'p' can't be executed", error.Message, StringComparison.Ordinal);
        await Feeds.FailsAsync(
            HttpStatusCode.NotFound, () => scripts.ExecuteStoredProcedureAsync<string>("none", new PartitionKey("a"), []));
    }

    [Fact]
    public async Task What_is_in_a_container_user_or_database_goes_with_it()
    {
        await raw.PostAsync("/dbs/db/colls/items/sprocs", """{"id":"s","body":"x"}""");
        await raw.PostAsync("/dbs/db/users", """{"id":"u"}""");
        await raw.PostAsync("/dbs/db/users/u/permissions", """{"id":"p","permissionMode":"All","resource":"dbs/db/colls/items"}""");
        await container.DeleteContainerAsync();
        await account.ContainerAsync();
        Assert.Equal(404, (await raw.GetAsync("/dbs/db/colls/items/sprocs/s")).Status);
        await raw.SendAsync("DELETE", "/dbs/db/users/u", null);
        await raw.PostAsync("/dbs/db/users", """{"id":"u"}""");
        Assert.Equal(404, (await raw.GetAsync("/dbs/db/users/u/permissions/p")).Status);
        await account.Database.DeleteAsync();
        await account.Client.CreateDatabaseAsync("db");
        Assert.Equal(404, (await raw.GetAsync("/dbs/db/users/u")).Status);
    }

    [Fact]
    public async Task They_outlive_the_program()
    {
        using var directory = new TempDirectory();
        string[] paths = ["/dbs/db/users/u", "/dbs/db/colls/items/udfs/f"];
        string[] before;
        await using (TestAccount durable = await TestAccount.StartAsync(dataDirectory: directory.Path))
        {
            await durable.ContainerAsync();
            using var client = new RawClient(durable.Cosmos);
            await client.PostAsync("/dbs/db/users", """{"id":"u"}""");
            await client.PostAsync("/dbs/db/users/u/permissions", """{"id":"p","permissionMode":"Read","resource":"dbs/db/colls/items"}""");
            await client.PostAsync("/dbs/db/colls/items/udfs", """{"id":"f","body":"x"}""");
            await client.PostAsync("/dbs/db/colls/items/udfs", """{"id":"gone","body":"x"}""");
            await client.SendAsync("DELETE", "/dbs/db/colls/items/udfs/gone", null);
            before = [(await client.GetAsync(paths[0])).Body, (await client.GetAsync(paths[1])).Body];
        }

        await using TestAccount again = await TestAccount.StartAsync(dataDirectory: directory.Path);
        using var reader = new RawClient(again.Cosmos);
        string[] after = [(await reader.GetAsync(paths[0])).Body, (await reader.GetAsync(paths[1])).Body];
        Assert.Equal<IEnumerable<string>>(before, after);
        Assert.Equal(200, (await reader.GetAsync("/dbs/db/users/u/permissions/p")).Status);
        Assert.Equal(404, (await reader.GetAsync("/dbs/db/colls/items/udfs/gone")).Status);
    }
}
