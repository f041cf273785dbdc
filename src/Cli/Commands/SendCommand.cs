using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;
using Serverless.EventSourcing;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl send</c>: executes a command, like any client of the API.</summary>
internal static class SendCommand
{
    public static Command Create(CommandFactory factory)
    {
        Argument<string> stream = StreamArguments.Stream();
        Argument<string> command = CommandBody.Name();
        Option<string?> data = CommandBody.Data();
        Option<string?> id = new("--id") { Description = "Idempotency key: the command takes effect once, even if you send it again with the same key", HelpName = "key" };
        Option<long?> ifMatch = new("--if-match") { Description = "Only if the stream is at this version", HelpName = "n" };
        Option<bool> later = new("--later") { Description = "Store it in the inbox, and print where its outcome will be" };
        return factory.New(
            "send",
            "Executes a command: the events that it caused, or why it was rejected; exit code 1 where it was not accepted",
            async (call, cancellationToken) =>
            {
                StreamName name = call.Parsed.Require(stream);
                byte[] body = await CommandBody.ReadAsync(call, data, cancellationToken);
                using ApiClient api = call.OpenApi();
                using ReadOnlyMemoryContent content = new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                using HttpRequestMessage request = new(HttpMethod.Post, $"{name.Category}/{Uri.EscapeDataString(name.Id)}/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(command))}") { Content = content };
                if (call.Parsed.GetValue(id) is { } key && !request.Headers.TryAddWithoutValidation("Idempotency-Key", key))
                {
                    throw ToolException.Usage("--id has characters that a header cannot hold.");
                }
                if (call.Parsed.GetValue(ifMatch) is { } version)
                {
                    request.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version}\""));
                }
                if (call.Parsed.GetValue(later))
                {
                    request.Headers.Add("Prefer", "respond-async");
                    StoredCommandDocument stored = await api.SendAsync(request, ToolJson.Readable.StoredCommandDocument, cancellationToken);
                    Show(call.Screen, stored);
                    return ExitCodes.Ok;
                }
                CommandOutcomeDocument outcome = await api.SendAsync(request, ToolJson.Readable.CommandOutcomeDocument, cancellationToken);
                Show(call.Screen, outcome);
                return ExitCodes.Ok;
            },
            stream, command, data, id, ifMatch, later);
    }

    private static void Show(Screen screen, CommandOutcomeDocument outcome)
    {
        if (screen.IsJson)
        {
            screen.Json(outcome, ToolJson.Readable.CommandOutcomeDocument);
            return;
        }
        string what = outcome.Repeated ? "was accepted before" : outcome.Events.Count == 0 ? "was accepted, with nothing to do" : "was accepted";
        screen.Good($"Command {outcome.CommandId} {what}: {outcome.Stream} is at version {outcome.Version}.");
        foreach (EventDocument e in outcome.Events)
        {
            screen.Line($"   {e.Version}  {e.Type} {Cell.Of(e.Data)}");
        }
    }

    private static void Show(Screen screen, StoredCommandDocument stored)
    {
        if (screen.IsJson)
        {
            screen.Json(stored, ToolJson.Readable.StoredCommandDocument);
            return;
        }
        screen.Good($"Command {stored.CommandId} is stored: {stored.Status}.");
    }
}
