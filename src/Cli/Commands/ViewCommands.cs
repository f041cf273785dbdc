using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl view …</c>: the read models that clients query.</summary>
internal static class ViewCommands
{
    public static Command Create(CommandFactory factory)
    {
        Command view = new("view", "Read models: which ones exist, the documents of one, and a single document");
        view.Subcommands.Add(List(factory));
        view.Subcommands.Add(Get(factory));
        return view;
    }

    private static Command List(CommandFactory factory)
    {
        Argument<string?> name = new("view") { Description = "List its documents; without it, the views", Arity = ArgumentArity.ZeroOrOne };
        Option<int?> limit = new("--limit") { Description = "At most so many; all of them without", HelpName = "n" };
        return factory.New(
            "list",
            "The views, or the documents of one",
            async (call, cancellationToken) =>
            {
                using ApiClient api = call.OpenApi();
                if (call.Parsed.GetValue(name) is not { } one)
                {
                    Show(call.Screen, await api.GetAsync("views", ToolJson.Readable.ViewsDocument, cancellationToken));
                    return ExitCodes.Ok;
                }
                ResultTable table = new("Key", "As of", "Document");
                IAsyncEnumerable<ViewItemDocument> items = api.GetPagesAsync(
                    continuation => $"views/{Uri.EscapeDataString(one)}{(continuation is null ? "" : $"?continuation={Uri.EscapeDataString(continuation)}")}",
                    ToolJson.Readable.ViewPageDocument, page => (page.Items, page.Continuation), cancellationToken);
                await foreach (ViewItemDocument item in call.Parsed.GetValue(limit) is { } most ? items.Take(most) : items)
                {
                    if (call.Screen.IsJson)
                    {
                        call.Screen.Json(item, ToolJson.Readable.ViewItemDocument);
                        continue;
                    }
                    table.AddRow(Cell.Text(item.Key), Cell.Text(Cell.Of(item.AsOf)), Cell.Text(Cell.Of(item.Data)));
                }
                if (!call.Screen.IsJson)
                {
                    call.Screen.Show(table);
                }
                return ExitCodes.Ok;
            },
            name, limit);
    }

    private static Command Get(CommandFactory factory)
    {
        Argument<string> name = new("view") { Description = "Its name, such as account-summary" };
        Argument<string> key = new("key") { Description = "The key of the document, such as alice-1" };
        Option<string?> seen = new("--seen") { Description = "Wait until the view has seen a version, such as account-alice-1:3", HelpName = "token" };
        return factory.New(
            "get",
            "One document, with how far it has come",
            async (call, cancellationToken) =>
            {
                using ApiClient api = call.OpenApi();
                string query = call.Parsed.GetValue(seen) is { } token ? $"?seen={Uri.EscapeDataString(token)}" : "";
                ViewDocumentDocument document = await api.GetAsync(
                    $"views/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(name))}/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(key))}{query}",
                    ToolJson.Readable.ViewDocumentDocument, cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(document, ToolJson.Readable.ViewDocumentDocument);
                    return ExitCodes.Ok;
                }
                call.Screen.Line(string.Create(CultureInfo.InvariantCulture, $"{document.View}@{document.Version} of {document.Key}, as of {Cell.Of(document.AsOf)}{(document.IsBuilding == true ? "; the view is being built and may lack events" : "")}"));
                call.Screen.Show(new Text(Cell.Indented(document.Data) + Environment.NewLine));
                foreach ((string stream, long version) in document.Seen ?? new Dictionary<string, long>())
                {
                    call.Screen.Line(string.Create(CultureInfo.InvariantCulture, $"   has seen {stream} up to version {version}"));
                }
                return ExitCodes.Ok;
            },
            name, key, seen);
    }

    private static void Show(Screen screen, ViewsDocument views)
    {
        if (screen.IsJson)
        {
            screen.Json(views, ToolJson.Readable.ViewsDocument);
            return;
        }
        ResultTable table = new("View", "Version", "Status", "Fed by", "Entries");
        foreach (ViewSummaryDocument view in views.Views)
        {
            table.AddRow(
                Cell.Text(view.Name), Cell.Text(view.Version.ToString(CultureInfo.InvariantCulture)), Cell.State(view.IsBuilding == true ? "building" : "serving"),
                Cell.Text(string.Join(", ", view.FedBy)), Cell.Text(view.HasEntries ? "yes" : ""));
        }
        screen.Show(table);
    }
}
