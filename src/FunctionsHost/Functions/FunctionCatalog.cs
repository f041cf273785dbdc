using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Functions;

/// <summary>The functions of this application, without those that a setting disables. Empty until the worker has described them.</summary>
internal sealed class FunctionCatalog(IOptions<FunctionsHostOptions> options, IConfiguration configuration)
{
    /// <summary>Ordered by name, the order in which the real host tries their routes.</summary>
    public IReadOnlyList<HostedFunction> Functions { get; private set; } = [];

    /// <summary>Names of functions with the setting AzureWebJobs.{name}.Disabled.</summary>
    public IReadOnlyList<string> Disabled { get; private set; } = [];

    /// <exception cref="FunctionIndexingException">Some functions can't run as they are written.</exception>
    public void Fill(IEnumerable<FunctionMetadata> described)
    {
        List<string> faults = [];
        List<HostedFunction> all = [];
        foreach (FunctionMetadata metadata in described)
        {
            try
            {
                all.Add(HostedFunction.From(metadata));
            }
            catch (FormatException e)
            {
                faults.Add(e.Message);
            }
        }
        HashSet<string?> classes = [.. options.Value.FunctionClasses.Select(type => type.FullName)];
        HostedFunction[] wanted =
        [
            .. all.Where(function => classes.Count == 0 || classes.Contains(function.ClassName))
                .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase),
        ];
        faults.AddRange(wanted.CountBy(function => function.Name, StringComparer.OrdinalIgnoreCase).Where(name => name.Value > 1)
            .Select(name => $"{name.Value} functions have the name '{name.Key}'."));
        if (faults.Count > 0)
        {
            throw new FunctionIndexingException(faults);
        }
        Disabled = [.. wanted.Where(function => configuration.GetValue($"AzureWebJobs.{function.Name}.Disabled", false)).Select(f => f.Name)];
        Functions = [.. wanted.Where(function => !Disabled.Contains(function.Name))];
    }
}
