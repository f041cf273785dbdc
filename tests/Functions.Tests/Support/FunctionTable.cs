using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Serverless.Functions.Commands;

namespace Serverless.Functions.Tests.Support;

/// <summary>Every function of the assembly as its attributes declare it, in the order of names, which is the host's.</summary>
internal static class FunctionTable
{
    public static IReadOnlyList<(string Name, MethodInfo Method, HttpTriggerAttribute Trigger)> Http { get; } =
        [.. All<HttpTriggerAttribute>()];

    public static IReadOnlyList<(string Name, MethodInfo Method, CosmosDBTriggerAttribute Trigger)> Feeds { get; } =
        [.. All<CosmosDBTriggerAttribute>()];

    public static IReadOnlyList<(string Name, MethodInfo Method, TimerTriggerAttribute Trigger)> Timers { get; } =
        [.. All<TimerTriggerAttribute>()];

    private static IEnumerable<(string, MethodInfo, TTrigger)> All<TTrigger>()
        where TTrigger : Attribute =>
        from type in typeof(CommandFunctions).Assembly.GetTypes()
        from method in type.GetMethods()
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        let trigger = method.GetParameters().Select(p => p.GetCustomAttribute<TTrigger>()).FirstOrDefault(a => a is not null)
        where trigger is not null
        orderby function.Name.ToUpperInvariant()
        select (function.Name, method, trigger);
}
