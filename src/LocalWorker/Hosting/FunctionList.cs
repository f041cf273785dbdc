using System.Text;
using Microsoft.Extensions.Options;
using Serverless.LocalWorker.Http;
using Serverless.LocalWorker.Indexing;

namespace Serverless.LocalWorker.Hosting;

/// <summary>Writes the functions and their addresses to the console, in the form known from Azure's local tools.</summary>
internal sealed class FunctionList(FunctionCatalog catalog, FunctionRouter router, IOptions<LocalWorkerOptions> options)
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
        var templates = router.Routes.ToDictionary(route => route.Function, route => route.Template);
        var text = new StringBuilder("\nFunctions:\n\n");
        foreach (LocalFunction function in catalog.Functions.OrderBy(function => function.Trigger is not FunctionTrigger.Http))
        {
            text.Append('\t').Append(function.Name).Append(": ");
            text.Append(function.Trigger is FunctionTrigger.Http http
                ? $"[{(http.Methods.IsEmpty ? "ALL" : string.Join(',', http.Methods.Select(method => method.ToUpperInvariant())))}] {address}{templates[function]}"
                : function.Trigger.BindingType);
            text.Append("\n\n");
        }

        foreach (string name in catalog.Disabled)
        {
            text.Append('\t').Append(name).Append(": disabled\n\n");
        }

        return text.ToString();
    }
}
