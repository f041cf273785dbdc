using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Serverless.LocalWorker.CosmosTriggers;

/// <summary>A trigger attribute with its settings filled in, and the two containers that it works on.</summary>
internal sealed partial record CosmosTrigger(
    CosmosDBTriggerAttribute Attribute, string ProcessorName, Container Monitored, Container Leases, DateTime? StartTime)
{
    private const string DefaultConnection = "CosmosDB";
    private const string DefaultLeaseContainer = "leases";

    /// <summary>Throws when a setting is missing or contradicts another: the real host can't index such a function.</summary>
    public static CosmosTrigger Resolve(CosmosDBTriggerAttribute attribute, IConfiguration configuration, ITriggerCosmosClientFactory clients)
    {
        string Fill(string text) => FillSettings(text, configuration);

        string connection = Fill(Coalesce(attribute.Connection, DefaultConnection));
        string leaseConnection = Fill(Coalesce(attribute.LeaseConnection, connection));
        string database = Fill(attribute.DatabaseName);
        string container = Fill(attribute.ContainerName);
        string leaseDatabase = Fill(Coalesce(attribute.LeaseDatabaseName, database));
        string leaseContainer = Fill(Coalesce(attribute.LeaseContainerName, DefaultLeaseContainer));
        if (connection.Equals(leaseConnection, StringComparison.OrdinalIgnoreCase)
            && database.Equals(leaseDatabase, StringComparison.OrdinalIgnoreCase)
            && container.Equals(leaseContainer, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"The monitored container '{container}' can't hold its own leases.");
        }

        string[] regions = Fill(attribute.PreferredLocations ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new CosmosTrigger(
            attribute,
            Fill(attribute.LeaseContainerPrefix ?? ""),
            clients.GetClient(connection, regions).GetContainer(database, container),
            clients.GetClient(leaseConnection, regions).GetContainer(leaseDatabase, leaseContainer),
            ReadStartTime(attribute, Fill(attribute.StartFromTime ?? "")));
    }

    /// <summary>Done once, when the function is indexed. If it fails then, the function stays disabled.</summary>
    public async Task CreateLeaseContainerAsync(CancellationToken cancellationToken)
    {
        Database database = await Leases.Database.Client.CreateDatabaseIfNotExistsAsync(Leases.Database.Id, cancellationToken: cancellationToken);
        int? throughput = Attribute.LeasesContainerThroughput > 0 ? Attribute.LeasesContainerThroughput : null;
        await database.CreateContainerIfNotExistsAsync(
            new ContainerProperties(Leases.Id, "/id") { DefaultTimeToLive = -1 }, throughput, cancellationToken: cancellationToken);
    }

    internal static string FillSettings(string text, IConfiguration configuration) =>
        Setting().Replace(text, match => configuration[match.Groups[1].Value] is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"'{match.Value}' of the trigger does not resolve: there is no setting '{match.Groups[1].Value}'."));

    private static string Coalesce(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;

    private static DateTime? ReadStartTime(CosmosDBTriggerAttribute attribute, string startFromTime)
    {
        if (startFromTime.Length == 0)
        {
            return attribute.StartFromBeginning ? DateTime.MinValue.ToUniversalTime() : null;
        }

        if (attribute.StartFromBeginning)
        {
            throw new InvalidOperationException("Only one of StartFromBeginning and StartFromTime can be used.");
        }

        return DateTime.TryParse(startFromTime, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime time)
            ? time
            : throw new InvalidOperationException($"StartFromTime is '{startFromTime}', but must be an ISO 8601 instant such as 2021-02-16T14:19:29Z.");
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Setting();
}
