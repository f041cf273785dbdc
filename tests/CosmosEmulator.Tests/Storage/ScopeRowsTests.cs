using System.Text;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Tests.Storage;

/// <summary>What storage gives for an access, by whichever way it looks for it.</summary>
public sealed class ScopeRowsTests
{
    private const int Items = 12_000; // More than are worth being collected one by one.

    [Theory]
    [InlineData(0, Items)]
    [InlineData(1_000, 11_500)]
    [InlineData(1_000, 10_500)]
    [InlineData(5_000, 5_010)]
    public void A_range_of_ids_gives_the_same_rows_by_number_however_many_they_are(int from, int to)
    {
        using var account = new Account(new CosmosEmulatorOptions());
        ContainerDefinition definition = ContainerDefinitionReader.ReadNew("""{"id":"items","partitionKey":{"paths":["/pk"]}}"""u8.ToArray());
        Container container = account.CreateContainer(account.CreateDatabase("db", null), definition, null);
        PhysicalPartition partition = container.Partitions.All[0];
        ItemDocument[] documents = [.. Enumerable.Range(0, Items).Select(i => ItemDocument.Parse(Json(Items - 1 - i), definition))]; // Ids fall, numbers rise.
        foreach (ItemDocument document in documents)
        {
            var results = new OperationResult[1];
            partition.Execute(
                [new ItemOperation(ItemOperationKind.Create, document.Key, document.Id) { Document = document }], results, atomic: false);
            Assert.Equal(201, results[0].Status);
        }

        var rows = new ScopeRows(new Scope([partition], documents[0].Key, null, false), definition);
        var range = new IdRange(Id(from), true, Id(to), false);
        string[] found = [.. rows.Rows(new RowAccess([new RowAlternative(range, null, null)], RowOrder.ByNumber)).Select(row => IdOf(row.Json))
            .Where(id => string.CompareOrdinal(id, range.From) >= 0 && string.CompareOrdinal(id, range.To) < 0)]; // The filter runs again over what comes back.
        Assert.Equal(Enumerable.Range(from, to - from).Reverse().Select(Id), found);
    }

    private static string Id(int number) => $"{number:D6}";

    private static byte[] Json(int number) => Encoding.UTF8.GetBytes($$"""{"id":"{{Id(number)}}","pk":"a"}""");

    private static string IdOf(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span[7..13]);
}
