using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Serverless.LocalWorker.Indexing;

/// <summary>The functions of this application, without those that a setting disables.</summary>
internal sealed class FunctionCatalog
{
    public FunctionCatalog(IOptions<LocalWorkerOptions> options, IConfiguration configuration)
    {
        IEnumerable<Assembly> assemblies = options.Value.FunctionAssemblies.Count > 0
            ? options.Value.FunctionAssemblies
            : AssembliesWithFunctions(Assembly.GetEntryAssembly());
        ImmutableArray<LocalFunction> all = FunctionIndexer.Index(options.Value.FunctionClasses.Count > 0
            ? options.Value.FunctionClasses
            : assemblies.SelectMany(assembly => assembly.GetTypes()));
        Disabled = [.. all.Where(function => configuration.GetValue($"AzureWebJobs.{function.Name}.Disabled", false)).Select(f => f.Name)];
        Functions = [.. all.Where(function => !Disabled.Contains(function.Name))];
    }

    /// <summary>Ordered by name.</summary>
    public ImmutableArray<LocalFunction> Functions { get; }

    /// <summary>Names of functions with the setting AzureWebJobs.{name}.Disabled.</summary>
    public ImmutableArray<string> Disabled { get; }

    /// <summary>
    /// The entry assembly and what it references, as far as it was compiled against this worker: nothing else can hold functions.
    /// The real build looks in the same places.
    /// </summary>
    internal static HashSet<Assembly> AssembliesWithFunctions(Assembly? entry)
    {
        string worker = typeof(FunctionCatalog).Assembly.GetName().Name!;
        HashSet<Assembly> found = [];
        HashSet<string> seen = [worker];
        Queue<Assembly> pending = new(entry is null ? [] : [entry]);
        while (pending.TryDequeue(out Assembly? assembly))
        {
            AssemblyName[] references = assembly.GetReferencedAssemblies();
            if (references.Any(reference => reference.Name == worker))
            {
                found.Add(assembly);
                foreach (AssemblyName reference in references.Where(reference => !IsOfThePlatform(reference) && seen.Add(reference.Name!)))
                {
                    pending.Enqueue(Assembly.Load(reference));
                }
            }
        }

        return found;
    }

    private static bool IsOfThePlatform(AssemblyName name) =>
        name.Name!.StartsWith("System.", StringComparison.Ordinal) || name.Name.StartsWith("Microsoft.", StringComparison.Ordinal);
}
