using System.Globalization;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;

namespace Serverless.FunctionsHost.Cosmos;

/// <summary>A trigger binding with its settings filled in, and the two containers that it works on.</summary>
internal sealed record CosmosTrigger(
    FunctionTrigger.Cosmos Binding, string ProcessorName, Container Monitored, Container Leases, DateTime? StartTime)
{
    private const string DefaultConnection = "CosmosDB";
    private const string DefaultLeaseContainer = "leases";

    /// <summary>Throws when a setting is missing or contradicts another: the real host can't index such a function.</summary>
    public static CosmosTrigger Resolve(FunctionTrigger.Cosmos binding, IConfiguration configuration, ITriggerCosmosClientFactory clients)
    {
        string Fill(string text) => SettingExpressions.Fill(text, configuration);

        string connection = Fill(Coalesce(binding.Connection, DefaultConnection));
        string leaseConnection = Fill(Coalesce(binding.LeaseConnection, connection));
        string database = Fill(binding.DatabaseName);
        string container = Fill(binding.ContainerName);
        string leaseDatabase = Fill(Coalesce(binding.LeaseDatabaseName, database));
        string leaseContainer = Fill(Coalesce(binding.LeaseContainerName, DefaultLeaseContainer));
        if (connection.Equals(leaseConnection, StringComparison.OrdinalIgnoreCase)
            && database.Equals(leaseDatabase, StringComparison.OrdinalIgnoreCase)
            && container.Equals(leaseContainer, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"The monitored container '{container}' can't hold its own leases.");
        }

        string[] regions = Fill(binding.PreferredLocations ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new CosmosTrigger(
            binding,
            Fill(binding.LeaseContainerPrefix ?? ""),
            clients.GetClient(connection, regions).GetContainer(database, container),
            clients.GetClient(leaseConnection, regions).GetContainer(leaseDatabase, leaseContainer),
            ReadStartTime(binding, Fill(binding.StartFromTime ?? "")));
    }

    /// <summary>Done once, when the function is indexed. If it fails then, the function stays disabled.</summary>
    public async Task CreateLeaseContainerAsync(CancellationToken cancellationToken)
    {
        Database database = await Leases.Database.Client.CreateDatabaseIfNotExistsAsync(Leases.Database.Id, cancellationToken: cancellationToken);
        int? throughput = Binding.LeasesContainerThroughput > 0 ? Binding.LeasesContainerThroughput : null;
        await database.CreateContainerIfNotExistsAsync(
            new ContainerProperties(Leases.Id, "/id") { DefaultTimeToLive = -1 }, throughput, cancellationToken: cancellationToken);
    }

    private static string Coalesce(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;

    private static DateTime? ReadStartTime(FunctionTrigger.Cosmos binding, string startFromTime)
    {
        if (startFromTime.Length == 0)
        {
            return binding.StartFromBeginning ? DateTime.MinValue.ToUniversalTime() : null;
        }

        if (binding.StartFromBeginning)
        {
            throw new InvalidOperationException("Only one of StartFromBeginning and StartFromTime can be used.");
        }

        return DateTime.TryParse(startFromTime, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime time)
            ? time
            : throw new InvalidOperationException($"StartFromTime is '{startFromTime}', but must be an ISO 8601 instant such as 2021-02-16T14:19:29Z.");
    }
}
