using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.LocalWorker.Indexing;

/// <summary>
/// Finds the functions of classes by their attributes. What the build of the real worker, its analyzers or the real host would
/// refuse is refused here too, all of it at once.
/// </summary>
internal static partial class FunctionIndexer
{
    private const BindingFlags DeclaredMethods =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The functions, ordered by name: the order in which the real host tries their routes.</summary>
    public static ImmutableArray<LocalFunction> Index(IEnumerable<Type> classes)
    {
        List<string> faults = [];
        List<LocalFunction> functions = [];
        foreach (MethodInfo method in classes.Distinct().SelectMany(type => type.GetMethods(DeclaredMethods)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is { } attribute)
            {
                Add(method, attribute.Name, functions, faults);
            }
        }

        faults.AddRange(functions
            .GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1)
            .Select(group => $"Function '{group.Key}': {group.Count()} methods have this name: {string.Join(", ", group.Select(f => f.EntryPoint))}."));
        return faults.Count == 0
            ? [.. functions.OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)]
            : throw new FunctionIndexingException(faults);
    }

    private static void Add(MethodInfo method, string name, List<LocalFunction> functions, List<string> faults)
    {
        int before = faults.Count;
        string place = $"Function '{name}' ({method.DeclaringType!.FullName}.{method.Name}): ";
        if (!ValidName().IsMatch(name) || string.Equals(name, "host", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(place + "a name begins with a letter, has at most 128 letters, digits, '-' or '_', and is not 'host'.");
        }

        faults.AddRange(SignatureFaults(method).Select(fault => place + fault));
        ParameterInfo[] triggers = [.. method.GetParameters().Where(p => p.IsDefined(typeof(TriggerBindingAttribute)))];
        if (triggers.Length != 1)
        {
            faults.Add(place + $"a function has exactly one trigger, this one has {triggers.Length}.");
        }

        RetryAttribute[] retries = [.. method.GetCustomAttributes<RetryAttribute>()];
        if (retries.Length > 1)
        {
            faults.Add(place + "a function has one retry policy at most.");
        }

        if (faults.Count > before)
        {
            return;
        }

        FunctionTrigger trigger = ReadTrigger(triggers[0], name);
        RetryAttribute? retry = retries.SingleOrDefault();
        faults.AddRange(TriggerFaults(trigger, triggers[0], retry).Select(fault => place + fault));
        if (faults.Count == before)
        {
            functions.Add(new LocalFunction(name, method, trigger, retry));
        }
    }

    private static IEnumerable<string> SignatureFaults(MethodInfo method)
    {
        Type type = method.DeclaringType!;
        if (!method.IsPublic)
        {
            yield return "the method is not public, so the real worker does not see it.";
        }

        if (method.ContainsGenericParameters)
        {
            yield return "neither the method nor its class may be generic.";
        }

        if (!method.IsStatic && type.IsAbstract)
        {
            yield return "the class is abstract and can't be created.";
        }

        if (method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)))
        {
            yield return "it is async void: nobody would see its end or its exception. Return Task.";
        }
        else if (!IsSupportedReturnType(method.ReturnType))
        {
            yield return $"it returns {method.ReturnType}. Return HttpResponseData, Task<HttpResponseData>, Task or void.";
        }

        foreach (ParameterInfo parameter in method.GetParameters().Where(p => p.ParameterType.IsByRef))
        {
            yield return $"parameter '{parameter.Name}' is passed by reference.";
        }
    }

    private static bool IsSupportedReturnType(Type type) =>
        type == typeof(void) || type == typeof(Task) || type == typeof(HttpResponseData) || type == typeof(Task<HttpResponseData>);

    private static IEnumerable<string> TriggerFaults(FunctionTrigger trigger, ParameterInfo parameter, RetryAttribute? retry)
    {
        if (trigger is FunctionTrigger.Http http)
        {
            if (parameter.ParameterType != typeof(HttpRequestData))
            {
                yield return $"an HTTP trigger is bound to HttpRequestData here, not to {parameter.ParameterType}.";
            }

            if (retry is not null)
            {
                yield return "the real host knows no retry policy for HTTP triggers.";
            }

            string route = http.Route.Trim('/');
            if (route.StartsWith("admin", StringComparison.OrdinalIgnoreCase) || route.StartsWith("runtime", StringComparison.OrdinalIgnoreCase))
            {
                yield return $"its route '{http.Route}' begins with 'admin' or 'runtime', which are the host's own.";
            }
        }

        if (trigger is FunctionTrigger.Cosmos { Attribute.ChangeFeedMode: not CosmosDBChangeFeedMode.LatestVersion })
        {
            yield return "this host delivers the latest version of items only, not all versions and deletes.";
        }

        if (retry?.MaxRetryCount < -1)
        {
            yield return $"a retry policy has a count of -1 (for ever) or more, not {retry.MaxRetryCount}.";
        }
    }

    private static FunctionTrigger ReadTrigger(ParameterInfo parameter, string functionName)
    {
        if (parameter.GetCustomAttribute<CosmosDBTriggerAttribute>() is { } cosmos)
        {
            return new FunctionTrigger.Cosmos(parameter.Name!, cosmos);
        }

        if (parameter.GetCustomAttribute<HttpTriggerAttribute>() is not { } http)
        {
            throw new FunctionIndexingException([$"Function '{functionName}': this host knows HTTP and Cosmos DB triggers only."]);
        }

        // What reaches the real host is not the attribute but what its constructor was given: without a level there, the host's own
        // default holds, which is Function, although the attribute of [HttpTrigger("get")] itself says Anonymous.
        bool namesLevel = parameter.CustomAttributes.Single(data => data.AttributeType == typeof(HttpTriggerAttribute))
            .ConstructorArguments.Any(argument => argument.ArgumentType == typeof(AuthorizationLevel));
        return new FunctionTrigger.Http(
            parameter.Name!,
            string.IsNullOrWhiteSpace(http.Route) ? functionName : http.Route,
            [.. http.Methods ?? []],
            namesLevel ? http.AuthLevel : AuthorizationLevel.Function);
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_\-]{0,127}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
}
