using System.Globalization;
using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Benchmarks;

/// <summary>How long the JSON of one item of each kind is, with the properties that the service adds.</summary>
internal static class ScaleItems
{
    public static async Task RunAsync(ScaleSystem system)
    {
        StreamName stream = system.Sample(1, offset: 1)[0];
        Container views = system.Bench.Database.GetContainer(ContainerNames.Views);
        Console.WriteLine("| item | bytes |");
        Console.WriteLine("| --- | ---: |");
        await PrintAsync("commit of a deposit", system.Bench.Events, stream.Value, Commit.IdOf(2));
        await PrintAsync("account-summary", views, $"account-summary@1/{stream.Id}", ViewDocument.SingleId);
        await PrintAsync("customer-portfolio of four accounts", views, $"customer-portfolio@1/{ScaleSystem.OwnerOf(stream)}", ViewDocument.SingleId);
        await PrintAsync("account-statement, header", views, $"account-statement@1/{stream.Id}", ViewDocument.SingleId);
        await PrintAsync("account-statement, entry", views, $"account-statement@1/{stream.Id}", 1.ToString("D10", CultureInfo.InvariantCulture));
        await PrintAsync("bank-totals, marker of a stream", views, $"bank-totals@1/{TotalsView<BankTotals, AccountEvent>.PartitionKey}", $"seen~{stream}");
    }

    private static async Task PrintAsync(string kind, Container container, string partition, string id)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(id, new PartitionKey(partition));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {kind} | {(response.StatusCode == HttpStatusCode.OK ? response.Content.Length : -1):N0} |"));
    }
}
