using System.Text;
using Microsoft.Extensions.Options;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Http;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>Writes the functions and their addresses to the console, in the form known from Azure's local tools.</summary>
internal sealed class FunctionList(FunctionCatalog catalog, Lazy<FunctionRouter> router, IOptions<FunctionsHostOptions> options)
{
    public void Print(Uri address)
    {
        if (options.Value.PrintFunctions)
        {
            Console.Out.Write(Format(address));
        }
    }

    public string Format(Uri address)
    {
        var templates = router.Value.Routes.ToDictionary(route => route.Function, route => route.Template);
        var text = new StringBuilder("\nFunctions:\n\n");
        foreach (HostedFunction function in catalog.Functions.OrderBy(function => function.Trigger is not FunctionTrigger.Http))
        {
            text.Append('\t').Append(function.Name).Append(": ");
            text.Append(function.Trigger is FunctionTrigger.Http http
                ? $"[{(http.Methods.Count == 0 ? "ALL" : string.Join(',', http.Methods.Select(method => method.ToUpperInvariant())))}] {address}{templates[function]}"
                : function.Trigger.Type);
            text.Append("\n\n");
        }

        foreach (string name in catalog.Disabled)
        {
            text.Append('\t').Append(name).Append(": disabled\n\n");
        }

        return text.ToString();
    }
}
