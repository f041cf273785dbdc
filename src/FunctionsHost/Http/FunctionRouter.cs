using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;

namespace Serverless.FunctionsHost.Http;

/// <summary>
/// Finds the function for a request as the real host does: functions are tried in the order of their names, and the first whose
/// template, constraints and method fit takes the request. There is no precedence of literal over parameter segments.
/// </summary>
internal sealed class FunctionRouter
{
    private static readonly string[] OfTheHost = ["admin", "runtime"];

    private readonly List<Route> routes = [];

    public FunctionRouter(FunctionCatalog catalog, HostJson host, IInlineConstraintResolver resolver, ILogger<FunctionRouter> logger)
    {
        List<string> faults = [];
        foreach (HostedFunction function in catalog.Functions)
        {
            if (function.Trigger is FunctionTrigger.Http trigger)
            {
                if (Array.Exists(OfTheHost, name => trigger.Route.TrimStart('/').StartsWith(name, StringComparison.OrdinalIgnoreCase)))
                {
                    faults.Add($"Function '{function.Name}': its route '{trigger.Route}' begins with 'admin' or 'runtime', which are the host's own.");
                }
                try
                {
                    routes.Add(Route.Parse(function, trigger, host.RoutePrefix, resolver));
                }
                catch (Exception fault) when (fault is ArgumentException or InvalidOperationException or RouteCreationException)
                {
                    faults.Add($"Function '{function.Name}': its route '{trigger.Route}' is not a valid template: {fault.Message}");
                }
            }
        }

        foreach ((Route first, Route second) in Pairs())
        {
            if (first.SharesMethodWith(second) && string.Equals(first.Template, second.Template, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"Functions '{first.Function.Name}' and '{second.Function.Name}' have the same route '{first.Template}' and share a method.");
            }
            else if (first.SharesMethodWith(second) && first.Hides(second))
            {
                logger.LogWarning(
                    "'{First}' takes requests for '{SecondTemplate}' of '{Second}', because the Functions host tries routes in the order of "
                    + "function names and '{FirstTemplate}' fits too. Name '{Second}' so that it comes first, or constrain '{FirstTemplate}'",
                    first.Function.Name, second.Template, second.Function.Name, first.Template, second.Function.Name, first.Template);
            }
        }

        if (faults.Count > 0)
        {
            throw new FunctionIndexingException(faults);
        }
    }

    public IEnumerable<(HostedFunction Function, string Template)> Routes => routes.Select(route => (route.Function, route.Template));

    /// <summary>The function, and the values of its route: optional parameters that were not given are null.</summary>
    public HostedFunction? Match(HttpContext context, RouteValueDictionary values)
    {
        foreach (Route route in routes)
        {
            values.Clear();
            if (route.AllowsMethod(context.Request.Method) && route.Match(context.Request.Path, values, context))
            {
                return route.Function;
            }
        }

        return null;
    }

    private IEnumerable<(Route First, Route Second)> Pairs() =>
        routes.SelectMany((first, index) => routes.Skip(index + 1).Select(second => (first, second)));

    private sealed record Route(
        HostedFunction Function,
        FunctionTrigger.Http Trigger,
        string Template,
        RouteTemplate Parsed,
        TemplateMatcher Matcher,
        IReadOnlyDictionary<string, IRouteConstraint> Constraints)
    {
        public static Route Parse(HostedFunction function, FunctionTrigger.Http trigger, string prefix, IInlineConstraintResolver resolver)
        {
            string template = prefix.Length == 0 ? trigger.Route.Trim('/') : $"{prefix}/{trigger.Route.Trim('/')}";
            RouteTemplate parsed = TemplateParser.Parse(template);
            var defaults = new RouteValueDictionary();
            var constraints = new RouteConstraintBuilder(resolver, template);
            foreach (TemplatePart parameter in parsed.Parameters)
            {
                if (parameter.DefaultValue is { } value)
                {
                    defaults[parameter.Name!] = value;
                }

                if (parameter.IsOptional)
                {
                    constraints.SetOptional(parameter.Name!);
                }

                foreach (InlineConstraint constraint in parameter.InlineConstraints)
                {
                    constraints.AddResolvedConstraint(parameter.Name!, constraint.Constraint);
                }
            }

            return new Route(function, trigger, template, parsed, new TemplateMatcher(parsed, defaults), constraints.Build().AsReadOnly());
        }

        public bool AllowsMethod(string method) =>
            Trigger.Methods.Count == 0 || Trigger.Methods.Contains(method, StringComparer.OrdinalIgnoreCase);

        public bool SharesMethodWith(Route other) =>
            Trigger.Methods.Count == 0 || other.Trigger.Methods.Count == 0 || Trigger.Methods.Any(other.AllowsMethod);

        public bool Match(PathString path, RouteValueDictionary values, HttpContext? context)
        {
            if (!Matcher.TryMatch(path, values)
                || !Constraints.All(pair => pair.Value.Match(context, null, pair.Key, values, RouteDirection.IncomingRequest)))
            {
                return false;
            }

            foreach (TemplatePart part in Parsed.Parameters)
            {
                values.TryAdd(part.Name!, null);
            }

            return true;
        }

        // A guess from one example of the other's paths, which is right for all but odd constraints. It only decides on a warning.
        public bool Hides(Route other)
        {
            string example = "/" + string.Join('/', other.Parsed.Segments.Select(segment => string.Concat(segment.Parts.Select(Example))));
            return RoutePrecedence.ComputeInbound(Parsed) > RoutePrecedence.ComputeInbound(other.Parsed)
                && Match(new PathString(example), [], null);
        }

        private static string Example(TemplatePart part) =>
            part.IsLiteral || part.IsOptionalSeperator ? part.Text! : part.InlineConstraints.Any() ? "1" : part.Name!;
    }
}
