using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Serverless.EventSourcing;
using Serverless.Functions.Projections;

namespace Serverless.EndToEnd.Tests;

/// <summary>What is easily forgotten when something is added, and would fail silently.</summary>
public sealed class WiringTests
{
    private static readonly IReadOnlyList<(MethodInfo Method, CosmosDBTriggerAttribute Trigger)> Feeds =
    [
        .. from method in typeof(WorkshopConsumers).GetMethods()
           from parameter in method.GetParameters()
           let trigger = parameter.GetCustomAttribute<CosmosDBTriggerAttribute>()
           where trigger is not null
           select (method, trigger),
    ];

    [Fact]
    public void Every_projection_and_process_has_its_function_and_every_function_has_one()
    {
        BoundedContext context = WorkshopContext.Create();
        InMemoryFenceStore fences = new();
        IConsumer[] consumers =
        [
            .. ConsumerFeed.AllOf(
                context, context.Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions()),
                fences, new ProcessStarts(context, fences, TimeProvider.System)),
        ];
        string[] prefixes = [.. Feeds.Select(f => f.Trigger.LeaseContainerPrefix!)];

        Assert.Empty(prefixes.Except(consumers.Select(c => c.FullName)));
        // Of several versions one is enough here: the next one has the spare function (setting NextProjection).
        Assert.Equal(consumers.Select(c => c.Name).Distinct().Order(), prefixes.Select(p => p.Split('@')[0]).Order());
    }

    [Fact]
    public void Every_feed_starts_at_the_beginning_and_retries_without_end()
    {
        Assert.All(Feeds, f => Assert.True(f.Trigger.StartFromBeginning));
        // The trigger gives up a batch whose retries have come to an end, and nothing is ever told.
        Assert.All(Feeds, f => Assert.Equal(-1, f.Method.GetCustomAttribute<ExponentialBackoffRetryAttribute>()?.MaxRetryCount));
    }

    [Fact]
    public void Only_health_and_what_describes_the_API_are_open_to_everybody()
    {
        string[] open =
        [
            .. from type in typeof(WorkshopConsumers).Assembly.GetTypes()
               from method in type.GetMethods()
               let function = method.GetCustomAttribute<FunctionAttribute>()
               where function is not null
               from parameter in method.GetParameters()
               where parameter.GetCustomAttribute<HttpTriggerAttribute>() is { AuthLevel: AuthorizationLevel.Anonymous }
               select function.Name,
        ];

        Assert.Equal(
            ["GetApiDescription", "GetApiPage", "GetApiPageFile", "GetConsole", "GetConsoleFile", "GetErrorPage", "GetHealth", "GetHealthLive", "GetHealthReady"],
            open.Order());
    }
}
