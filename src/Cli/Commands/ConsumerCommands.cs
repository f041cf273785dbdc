using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;

namespace Serverless.Cli.Commands;

/// <summary>Consumers, what they could not process, and what operators did about it. Only the API has consumers.</summary>
internal static class ConsumerCommands
{
    public static Command List(CommandFactory factory) => factory.New(
        "consumers",
        "Every consumer of the events and how it is; exit code 1 where one is failing, stuck, stopped, or has something parked",
        async (call, cancellationToken) =>
        {
            await using ITarget target = await call.OpenAsync(cancellationToken);
            ConsumersDocument all = await target.Consumers.ListAsync(cancellationToken);
            if (call.Screen.IsJson)
            {
                call.Screen.Json(all, ToolJson.Readable.ConsumersDocument);
            }
            else
            {
                ResultTable table = new("Consumer", "State", "Behind", "Parked", "Failing", "Last progress", "Why");
                foreach (ConsumerDocument c in all.Consumers)
                {
                    table.AddRow(
                        Cell.Text(c.Consumer), Cell.State(c.State), Cell.Text(Behind(c.Lag)), Cell.Text(Cell.Of(c.Parked)), Cell.Text(Cell.Of(c.Failing)),
                        Cell.Text(Cell.Of(c.LastProgressAt)), Cell.Text(c.Reason));
                }
                call.Screen.Show(table);
            }
            return all.Consumers.All(IsWell) ? ExitCodes.Ok : ExitCodes.No;
        });

    public static Command One(CommandFactory factory)
    {
        Argument<string> name = Name();
        Command one = factory.New(
            "consumer",
            "One consumer with each range of its feed, and what it has parked",
            async (call, cancellationToken) =>
            {
                await using ITarget target = await call.OpenAsync(cancellationToken);
                ConsumerDocument consumer = await target.Consumers.GetAsync(call.Parsed.GetRequiredValue(name), cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(consumer, ToolJson.Readable.ConsumerDocument);
                }
                else
                {
                    Show(call.Screen, consumer);
                }
                return IsWell(consumer) ? ExitCodes.Ok : ExitCodes.No;
            },
            name);
        return one;
    }

    public static Command Parked(CommandFactory factory)
    {
        Command parked = new("parked", "Streams that a consumer could not process: see them, try again with today's code, or leave a commit out");
        parked.Subcommands.Add(ListParked(factory));
        parked.Subcommands.Add(Retry(factory));
        parked.Subcommands.Add(Discard(factory));
        return parked;
    }

    public static Command Actions(CommandFactory factory)
    {
        Argument<string> name = new("consumer") { Description = "Name and version, or store for imports" };
        return factory.New(
            "actions",
            "What operators did, by whom, when and why, newest first",
            async (call, cancellationToken) =>
            {
                await using ITarget target = await call.OpenAsync(cancellationToken);
                ResultTable table = new("Began", "Kind", "Stream", "Version", "Actor", "Outcome", "Detail", "Why");
                await foreach (ActionDocument a in target.ReadActionsAsync(call.Parsed.GetRequiredValue(name), cancellationToken))
                {
                    if (call.Screen.IsJson)
                    {
                        call.Screen.Json(a, ToolJson.Readable.ActionDocument);
                        continue;
                    }
                    table.AddRow(
                        Cell.Text(Cell.Of(a.StartedAt)), Cell.Text(a.Kind), Cell.Text(a.Stream), Cell.Text(a.Version?.ToString(CultureInfo.InvariantCulture)),
                        Cell.Text(Cell.Actor(a.Actor, a.ActorName)), Cell.Text(a.Outcome ?? "(not completed)"), Cell.Text(a.Detail), Cell.Text(a.Reason));
                }
                if (!call.Screen.IsJson)
                {
                    call.Screen.Show(table);
                }
                return ExitCodes.Ok;
            },
            name);
    }

    private static Command ListParked(CommandFactory factory)
    {
        Argument<string?> name = new("consumer") { Description = "Only what this one has parked; all consumers without", Arity = ArgumentArity.ZeroOrOne };
        return factory.New(
            "list",
            "What waits, and why",
            async (call, cancellationToken) =>
            {
                await using ITarget target = await call.OpenAsync(cancellationToken);
                string? consumer = call.Parsed.GetValue(name);
                ResultTable table = new(["Stream", "Status", "Versions", "Attempts", "First failed", "Next attempt", "Error", .. consumer is null ? ["Consumer"] : (string[])[]]);
                IAsyncEnumerable<ConsumerParkedDocument> items = consumer is null
                    ? target.Consumers.ReadAllParkedAsync(cancellationToken)
                    : target.Consumers.ReadParkedAsync(consumer, cancellationToken).Select(p => new ConsumerParkedDocument(consumer, p));
                await foreach (ConsumerParkedDocument item in items)
                {
                    ParkedDocument p = item.Parked;
                    if (call.Screen.IsJson && consumer is null)
                    {
                        call.Screen.Json(item, ToolJson.Readable.ConsumerParkedDocument);
                    }
                    else if (call.Screen.IsJson)
                    {
                        call.Screen.Json(p, ToolJson.Readable.ParkedDocument);
                    }
                    else
                    {
                        table.AddRow(
                        [
                            Cell.Text(p.Stream), Cell.State(p.Status), Cell.Text(Cell.Versions(p.FromVersion, p.ThroughVersion)), Cell.Text(Cell.Of(p.Attempts)),
                            Cell.Text(Cell.Of(p.FirstFailedAt)), Cell.Text(Cell.Of(p.NextRetryAt)), Cell.Text(p.Error), .. consumer is null ? [Cell.Text(item.Consumer)] : (TableCell[])[],
                        ]);
                    }
                }
                if (!call.Screen.IsJson)
                {
                    call.Screen.Show(table);
                }
                return ExitCodes.Ok;
            },
            name);
    }

    private static Command Retry(CommandFactory factory)
    {
        Argument<string> name = Name();
        Argument<string?> stream = new("stream") { Description = "Only this one; everything parked without", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> reason = new("--reason") { Description = "Kept on record", HelpName = "text" };
        return factory.New(
            "retry",
            "Processes what is parked with today's code; exit code 1 where it still fails",
            async (call, cancellationToken) =>
            {
                string consumer = call.Parsed.GetRequiredValue(name);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                if (call.Parsed.GetValue(stream) is { } one)
                {
                    return Tell(call.Screen, one, await target.Consumers.RetryAsync(consumer, one, call.Parsed.GetValue(reason), cancellationToken));
                }
                RetryAllDocument all = await target.Consumers.RetryAllAsync(consumer, call.Parsed.GetValue(reason), cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(all, ToolJson.Readable.RetryAllDocument);
                }
                else
                {
                    call.Screen.Line($"{Cell.Of(all.CaughtUp)} streams have caught up, {Cell.Of(all.StillFailing)} still fail.");
                    foreach (ParkedDocument failing in all.Failing)
                    {
                        call.Screen.Bad($"   {failing.Stream} at version {failing.FromVersion}: {failing.Error}");
                    }
                }
                return all.StillFailing == 0 ? ExitCodes.Ok : ExitCodes.No;
            },
            name, stream, reason);
    }

    private static Command Discard(CommandFactory factory)
    {
        Argument<string> name = Name();
        Argument<string> stream = new("stream") { Description = "The parked stream" };
        Option<long> version = new("--version") { Description = "The version at which it is parked", HelpName = "n", Required = true };
        Option<string> reason = new("--reason") { Description = "Kept on record", HelpName = "text", Required = true };
        return factory.New(
            "discard",
            "Leaves out the commit at which a stream is parked, for this consumer only, and goes on behind it",
            async (call, cancellationToken) =>
            {
                await using ITarget target = await call.OpenAsync(cancellationToken);
                string parked = call.Parsed.GetRequiredValue(stream);
                return Tell(call.Screen, parked, await target.Consumers.DiscardAsync(
                    call.Parsed.GetRequiredValue(name), parked, call.Parsed.GetValue(version), call.Parsed.GetRequiredValue(reason), cancellationToken));
            },
            name, stream, version, reason);
    }

    private static int Tell(Screen screen, string stream, RetryDocument retried)
    {
        if (screen.IsJson)
        {
            screen.Json(retried, ToolJson.Readable.RetryDocument);
        }
        else if (retried.HasCaughtUp)
        {
            screen.Good($"{stream} has caught up: {Cell.Of(retried.Events ?? 0)} events.");
        }
        else
        {
            screen.Bad($"{stream} still fails at version {retried.Parked?.FromVersion}: {retried.Parked?.Error}");
        }
        return retried.HasCaughtUp ? ExitCodes.Ok : ExitCodes.No;
    }

    private static void Show(Screen screen, ConsumerDocument consumer)
    {
        screen.Line($"{consumer.Consumer}: {consumer.State}{(consumer.Reason is { } why ? $", {why}" : "")}");
        screen.Line($"   behind {Behind(consumer.Lag)}; {Cell.Of(consumer.Parked)} streams parked, {Cell.Of(consumer.Failing)} failing");
        screen.Line($"   since its first start: {Cell.Of(consumer.Counts.Events)} events, {Cell.Of(consumer.Counts.Failures)} failures, {Cell.Of(consumer.Counts.Healed)} healed");
        ResultTable table = new("Range", "State", "Behind", "Oldest commit", "Last progress", "Owner", "Why");
        foreach (RangeDocument r in consumer.Ranges ?? [])
        {
            table.AddRow(
                Cell.Text(r.Range), Cell.State(r.State), Cell.Text(Behind(r.Lag)), Cell.Text(r.OldestCommit), Cell.Text(Cell.Of(r.LastProgressAt)),
                Cell.Text(r.IsOwnerAlive ? r.Owner : "(nobody)"), Cell.Text(r.Reason));
        }
        screen.Show(table);
    }

    private static bool IsWell(ConsumerDocument consumer) => consumer.State is not ("failing" or "stuck" or "stopped") && consumer.Parked == 0;

    private static string Behind(LagDocument lag) =>
        lag.Commits == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{lag.Commits:N0} commits, {lag.Seconds:0.#} s");

    private static Argument<string> Name() => new("consumer") { Description = "Name and version, such as account-summary@1" };
}
