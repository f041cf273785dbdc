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
            : AssembliesOfEntryPoint();
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

    // The real build looks for functions in the entry assembly and in what it references. Only what was compiled against this
    // worker can hold any.
    private static HashSet<Assembly> AssembliesOfEntryPoint()
    {
        string worker = typeof(FunctionCatalog).Assembly.GetName().Name!;
        HashSet<Assembly> found = [];
        HashSet<string> seen = [];
        Queue<Assembly> pending = new();
        if (Assembly.GetEntryAssembly() is { } entry)
        {
            pending.Enqueue(entry);
        }

        while (pending.TryDequeue(out Assembly? assembly))
        {
            AssemblyName[] references = assembly.GetReferencedAssemblies();
            if (references.Any(reference => reference.Name == worker))
            {
                found.Add(assembly);
                foreach (AssemblyName reference in references.Where(r => r.Name != worker && seen.Add(r.FullName)))
                {
                    pending.Enqueue(Assembly.Load(reference));
                }
            }
        }

        return found;
    }
}
