using System.Globalization;
using System.Text;
using Microsoft.Azure.Cosmos;

WebApplication app = WebApplication.CreateBuilder(args).Build();
if (app.Configuration["cosmos"] is { } connection)
{
    MapWrite(app, connection);
}
else
{
    app.MapPost("/", () => Results.NoContent());
}
app.Run();

// Apart, so that the empty app loads nothing of the client.
static void MapWrite(WebApplication app, string connection)
{
    CosmosClient client = new(connection, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, EnableContentResponseOnWrite = false });
    Container container = client.GetContainer("baseline", "items");
    app.MapPost("/", async () =>
    {
        string id = Guid.NewGuid().ToString("N");
        using MemoryStream item = new(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{id}}"}""")));
        using ResponseMessage response = await container.CreateItemStreamAsync(item, new PartitionKey(id));
        return Results.StatusCode(response.IsSuccessStatusCode ? StatusCodes.Status204NoContent : (int)response.StatusCode);
    });
}
