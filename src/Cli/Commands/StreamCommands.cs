using System.CommandLine;
using System.Runtime.CompilerServices;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;
using Serverless.EventSourcing;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl stream …</c>: one stream, and how it came to be.</summary>
internal static class StreamCommands
{
    public static Command Create(CommandFactory factory)
    {
        Command stream = new("stream", "Streams of a category; or one: its state at any point, its commits, what each event did, what it refused, whether it is what was written");
        stream.Subcommands.Add(List(factory));
        stream.Subcommands.Add(State(factory));
        stream.Subcommands.Add(Commits(factory));
        stream.Subcommands.Add(Explain(factory));
        stream.Subcommands.Add(Refused(factory));
        stream.Subcommands.Add(Verify(factory));
        return stream;
    }

    private static Command List(CommandFactory factory)
    {
        Argument<string> category = new("category") { Description = "Such as account" };
        Option<string?> prefix = new("--prefix") { Description = "Only ids that begin like this", HelpName = "text" };
        Option<int?> limit = Limit();
        return factory.New(
            "list",
            "The streams of a category, by name",
            async (call, cancellationToken) =>
            {
                using ApiClient api = call.OpenApi();
                string first = $"manage/streams{HttpTarget.Query(("category", call.Parsed.GetRequiredValue(category)), ("prefix", call.Parsed.GetValue(prefix)))}";
                ResultTable table = new("Stream");
                await foreach (string stream in Taken(ReadAsync(api, first, cancellationToken), call.Parsed.GetValue(limit)))
                {
                    if (call.Screen.IsJson)
                    {
                        call.Screen.Json(stream, ToolJson.Readable.String);
                        continue;
                    }
                    table.AddRow(Cell.Text(stream));
                }
                if (!call.Screen.IsJson)
                {
                    call.Screen.Show(table);
                }
                return ExitCodes.Ok;
            },
            category, prefix, limit);

        static async IAsyncEnumerable<string> ReadAsync(ApiClient api, string first, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (string? next = first; next is not null;)
            {
                StreamPageDocument page = await api.GetAsync(next, ToolJson.Readable.StreamPageDocument, cancellationToken);
                foreach (string stream in page.Streams)
                {
                    yield return stream;
                }
                next = page.Next;
            }
        }
    }

    private static Command State(CommandFactory factory)
    {
        Argument<string> stream = StreamArguments.Stream();
        Option<long?> version = StreamArguments.Version();
        Option<string?> at = StreamArguments.At();
        return factory.New(
            "state",
            "The state as it is, or as it was",
            async (call, cancellationToken) =>
            {
                StreamName name = call.Parsed.Require(stream);
                StreamPoint point = call.Parsed.Point(version, at);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                PastStateDocument state = await target.ReadStateAsync(name, point, cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(state, ToolJson.Readable.PastStateDocument);
                    return ExitCodes.Ok;
                }
                call.Screen.Line($"{state.Stream} at version {state.Version}{(state.At is { } instant ? $", as it stood at {Cell.Of(instant)}" : "")}");
                call.Screen.Show(new Text(Cell.Indented(state.State) + Environment.NewLine));
                return ExitCodes.Ok;
            },
            stream, version, at);
    }

    private static Command Commits(CommandFactory factory)
    {
        Argument<string> stream = StreamArguments.Stream();
        (Option<long> from, Option<int?> limit) = Page();
        return factory.New(
            "commits",
            "Who did what, when, under which rules, and because of what",
            async (call, cancellationToken) =>
            {
                StreamName name = call.Parsed.Require(stream);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                IAsyncEnumerable<CommitDocument> commits = Taken(target.ReadCommitsAsync(name, From(call, from), cancellationToken), call.Parsed.GetValue(limit));
                if (call.Screen.IsJson)
                {
                    await foreach (CommitDocument commit in commits)
                    {
                        call.Screen.Json(commit, ToolJson.Readable.CommitDocument);
                    }
                    return ExitCodes.Ok;
                }
                ResultTable table = new("Version", "Time", "Events", "Actor", "Command", "Policy", "Correlation", "Caused by");
                await foreach (CommitDocument c in commits)
                {
                    table.AddRow(
                        Cell.Text(Cell.Versions(c.FirstVersion, c.LastVersion)), Cell.Text(Cell.Of(c.Time)), Cell.Text(string.Join(", ", c.Events.Select(e => e.Type))),
                        Cell.Text(Cell.Actor(c.Actor, c.ActorName)), Cell.Text($"{c.Command} {Cell.Of(c.CommandData)}".TrimEnd()), Cell.Text(c.Policy), Cell.Text(c.CorrelationId), Cell.Text(c.CausationId));
                }
                call.Screen.Show(table);
                return ExitCodes.Ok;
            },
            stream, from, limit);
    }

    private static Command Explain(CommandFactory factory)
    {
        Argument<string> stream = StreamArguments.Stream();
        (Option<long> from, Option<int?> limit) = Page();
        return factory.New(
            "explain",
            "What each event did to the state",
            async (call, cancellationToken) =>
            {
                StreamName name = call.Parsed.Require(stream);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                IAsyncEnumerable<ExplainedDocument> events = Taken(target.ExplainAsync(name, From(call, from), cancellationToken), call.Parsed.GetValue(limit));
                await foreach (ExplainedDocument e in events)
                {
                    if (call.Screen.IsJson)
                    {
                        call.Screen.Json(e, ToolJson.Readable.ExplainedDocument);
                        continue;
                    }
                    call.Screen.Line($"{e.Version}  {e.Type}  {Cell.Of(e.Data)}");
                    call.Screen.Line($"   {e.Command} by {Cell.Actor(e.Actor, e.ActorName)} at {Cell.Of(e.Time)}");
                    foreach (ChangeDocument change in e.Changes)
                    {
                        call.Screen.Line($"   {change.Path}: {Side(change.Before)} → {Side(change.After)}");
                    }
                }
                return ExitCodes.Ok;
            },
            stream, from, limit);

        static string Side(System.Text.Json.JsonElement? json) => json is null ? "(none)" : Cell.Of(json);
    }

    private static Command Refused(CommandFactory factory)
    {
        Argument<string> stream = StreamArguments.Stream();
        Option<int?> limit = Limit();
        return factory.New(
            "refused",
            "Commands that the rules refused, and why, for as long as they are kept",
            async (call, cancellationToken) =>
            {
                StreamName name = call.Parsed.Require(stream);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                IAsyncEnumerable<RefusedDocument> refused = Taken(target.ReadRefusedAsync(name, cancellationToken), call.Parsed.GetValue(limit));
                if (call.Screen.IsJson)
                {
                    await foreach (RefusedDocument one in refused)
                    {
                        call.Screen.Json(one, ToolJson.Readable.RefusedDocument);
                    }
                    return ExitCodes.Ok;
                }
                ResultTable table = new("On version", "Time", "Actor", "Reason", "Command", "Policy", "Correlation");
                await foreach (RefusedDocument r in refused)
                {
                    table.AddRow(
                        Cell.Text(Cell.Of(r.Version)), Cell.Text(Cell.Of(r.Time)), Cell.Text(Cell.Actor(r.Actor, r.ActorName)), Cell.Text($"{r.Code}: {r.Detail}"),
                        Cell.Text($"{r.Command} {Cell.Of(r.CommandData)}".TrimEnd()), Cell.Text(r.Policy), Cell.Text(r.CorrelationId));
                }
                call.Screen.Show(table);
                return ExitCodes.Ok;
            },
            stream, limit);
    }

    private static Command Verify(CommandFactory factory)
    {
        Argument<string> stream = StreamArguments.Stream();
        return factory.New(
            "verify",
            "Whether the stream is what was written; exit code 1 where it is not",
            async (call, cancellationToken) =>
            {
                StreamName name = call.Parsed.Require(stream);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                VerifyDocument verified = await target.VerifyAsync(name, cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(verified, ToolJson.Readable.VerifyDocument);
                }
                else if (verified.Broken is { } broken)
                {
                    call.Screen.Bad($"{verified.Stream} is broken at commit {broken.Id}: {broken.Reason}");
                }
                else
                {
                    call.Screen.Good($"{verified.Stream} is what was written: {Cell.Of(verified.Commits)} commits, last seal {verified.Hash}");
                }
                return verified.IsIntact ? ExitCodes.Ok : ExitCodes.No;
            },
            stream);
    }

    private static (Option<long> From, Option<int?> Limit) Page() => (
        new Option<long>("--from") { Description = "The first version", HelpName = "n", DefaultValueFactory = _ => 1 },
        Limit());

    private static Option<int?> Limit() => new("--limit") { Description = "At most so many; all of them without", HelpName = "n" };

    private static long From(Call call, Option<long> from) => call.Parsed.GetValue(from) is var version and >= 1 and <= Limits.MaxVersion
        ? version
        : throw ToolException.Usage($"--from is a whole number from 1 to {Limits.MaxVersion}.");

    private static IAsyncEnumerable<T> Taken<T>(IAsyncEnumerable<T> all, int? limit) => limit switch
    {
        null => all,
        >= 1 => all.Take(limit.Value),
        _ => throw ToolException.Usage("--limit is a whole number from 1."),
    };
}
