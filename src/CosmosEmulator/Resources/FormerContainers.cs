namespace Serverless.CosmosEmulator.Resources;

/// <summary>
/// How far the containers had counted that are gone. A container that is created again under the same name goes on from there: clients
/// keep session tokens by name, and would otherwise ask the new container for what only the old one had. Used under the account's lock.
/// </summary>
internal sealed class FormerContainers
{
    // Names made up for one test each would fill it without end.
    private const int MaxNames = 10_000;

    private readonly Dictionary<string, long> lsns = [];

    public void Remember(Container container)
    {
        if (lsns.Count >= MaxNames)
        {
            lsns.Clear();
        }

        lsns[container.Path] = container.Partitions.All.Max(partition => partition.Lsn);
    }

    public void Continue(Container container)
    {
        if (lsns.GetValueOrDefault(container.Path) is > 0 and long lsn)
        {
            container.ContinueFrom(lsn);
        }
    }
}
