using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Serverless.EventSourcing;
using Serverless.Functions.Projections;

namespace Serverless.LocalHost;

/// <summary>
/// Projections and processes whose function was forgotten. Nothing else fails then: a view stays empty, and whoever waits for it is told to ask
/// again.
/// </summary>
public static class UnfedConsumers
{
    /// <summary>The names and versions of those that no function feeds, the spare one for <paramref name="next"/> included.</summary>
    public static IEnumerable<string> Among(IEnumerable<IConsumer> consumers, string? next)
    {
        HashSet<string> fed =
        [
            .. from type in typeof(ConsumerFeed).Assembly.GetTypes()
               from method in type.GetMethods()
               from parameter in method.GetParameters()
               let prefix = parameter.GetCustomAttribute<CosmosDBTriggerAttribute>()?.LeaseContainerPrefix
               where prefix is not null
               select NameOf(prefix),
        ];
        // A version that has no function of its own may be one that is not to be built yet.
        return consumers.Where(c => c.FullName != next && !fed.Contains(c.Name)).Select(c => c.FullName);
    }

    private static string NameOf(string prefix) => prefix.Split('@')[0];
}
