using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Serverless.LocalWorker.Invocation;

namespace Serverless.LocalWorker.Indexing;

/// <summary>One function as found in its assembly: its method, its one trigger and its retry policy.</summary>
internal sealed class LocalFunction : FunctionDefinition
{
    public LocalFunction(string name, MethodInfo method, FunctionTrigger trigger, RetryAttribute? retry)
    {
        Name = name;
        Trigger = trigger;
        Code = new FunctionMethod(method);
        Retry = retry;
        EntryPoint = $"{method.DeclaringType!.FullName}.{method.Name}";
        PathToAssembly = method.DeclaringType.Assembly.Location;
        Parameters = [.. method.GetParameters().Select(p => new FunctionParameter(p.Name!, p.ParameterType, p.HasDefaultValue, p.HasDefaultValue ? p.DefaultValue : null))];
        InputBindings = ImmutableDictionary<string, BindingMetadata>.Empty
            .Add(trigger.ParameterName, new Binding(trigger.ParameterName, trigger.BindingType, BindingDirection.In));
        OutputBindings = trigger is FunctionTrigger.Http && method.ReturnType != typeof(void) && method.ReturnType != typeof(Task)
            ? ImmutableDictionary<string, BindingMetadata>.Empty.Add("$return", new Binding("$return", "http", BindingDirection.Out))
            : ImmutableDictionary<string, BindingMetadata>.Empty;

        // Stable across runs and machines, like the number that the real worker derives from the same three.
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{name}|{EntryPoint}|{method.DeclaringType.Assembly.GetName().Name}"));
        Id = BitConverter.ToUInt32(hash).ToString(CultureInfo.InvariantCulture);
    }

    public FunctionMethod Code { get; }

    public FunctionTrigger Trigger { get; }

    public RetryAttribute? Retry { get; }

    public override string Id { get; }

    public override string Name { get; }

    public override string EntryPoint { get; }

    public override string PathToAssembly { get; }

    public override ImmutableArray<FunctionParameter> Parameters { get; }

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }

    private sealed class Binding(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => direction;
    }
}

/// <summary>What starts a function.</summary>
internal abstract record FunctionTrigger(string ParameterName, string BindingType)
{
    /// <param name="ParameterName">The parameter that takes the request.</param>
    /// <param name="Route">The template behind the route prefix.</param>
    /// <param name="Methods">Empty: every method.</param>
    /// <param name="Level">What a caller has to show.</param>
    internal sealed record Http(string ParameterName, string Route, ImmutableArray<string> Methods, AuthorizationLevel Level)
        : FunctionTrigger(ParameterName, "httpTrigger");

    internal sealed record Cosmos(string ParameterName, CosmosDBTriggerAttribute Attribute)
        : FunctionTrigger(ParameterName, "cosmosDBTrigger");
}
