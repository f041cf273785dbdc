using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl projection …</c>: which version serves, how far the others are built, and what is to become of them.</summary>
internal static class ProjectionCommands
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public static Command Create(CommandFactory factory)
    {
        Command projection = new("projection", "Versions of projections: which serves, how far a replay is, and what is to become of each");
        projection.Subcommands.Add(List(factory));
        projection.Subcommands.Add(Status(factory));
        projection.Subcommands.Add(Order(factory, "pause", "pause", "Holds the replay of a version that does not serve; it keeps its place"));
        projection.Subcommands.Add(Order(factory, "resume", "resume", "Lets a paused version go on, or one that was rolled back try again"));
        projection.Subcommands.Add(Order(factory, "takeover", "serve", "Lets a version serve now; without --force only if it is up to date and its check passes", canForce: true));
        projection.Subcommands.Add(Order(factory, "rollback", "serve", "Lets an older version serve again", canForce: true));
        projection.Subcommands.Add(Retire(factory));
        projection.Subcommands.Add(Rebuild(factory));
        projection.Subcommands.Add(BuildCommand.Create(factory));
        return projection;
    }

    private static Command List(CommandFactory factory) => factory.New(
        "list",
        "Every projection with its versions",
        async (call, cancellationToken) =>
        {
            await using ITarget target = await call.OpenAsync(cancellationToken);
            ProjectionsDocument all = await target.Projections.ListAsync(cancellationToken);
            if (call.Screen.IsJson)
            {
                call.Screen.Json(all, ToolJson.Readable.ProjectionsDocument);
            }
            else
            {
                Show(call.Screen, all.Projections);
            }
            return ExitCodes.Ok;
        });

    private static Command Status(CommandFactory factory)
    {
        Argument<string> name = Name();
        Option<bool> wait = new("--wait") { Description = "Until no version is being built any more, with its progress" };
        return factory.New(
            "status",
            "The versions of one projection; a replay with commits done of total, rate and time left",
            async (call, cancellationToken) =>
            {
                string projection = call.Parsed.GetRequiredValue(name);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                ProjectionDocument status = call.Parsed.GetValue(wait)
                    ? await WorkProgress.RunAsync(call.Environment, "Replaying", "commits", p => WaitAsync(call, target.Projections, projection, p, cancellationToken))
                    : await target.Projections.GetAsync(projection, cancellationToken);
                Tell(call.Screen, status);
                return ExitCodes.Ok;
            },
            name, wait);
    }

    private static Command Order(CommandFactory factory, string word, string order, string description, bool canForce = false)
    {
        Argument<string> name = Name();
        (Option<int> version, Option<string> reason) = Ordered();
        Option<bool> force = new("--force") { Description = "Even if it is behind or its check does not pass" };
        Symbol[] symbols = [name, version, reason];
        return factory.New(
            word,
            description,
            async (call, cancellationToken) =>
            {
                VersionOrderDocument body = new(
                    call.Parsed.GetValue(version), call.Parsed.GetRequiredValue(reason), canForce && call.Parsed.GetValue(force) ? true : null);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                Tell(call.Screen, await target.Projections.OrderAsync(call.Parsed.GetRequiredValue(name), order, body, cancellationToken));
                return ExitCodes.Ok;
            },
            canForce ? [.. symbols, force] : symbols);
    }

    private static Command Retire(CommandFactory factory)
    {
        Argument<string> name = Name();
        (Option<int> version, Option<string> reason) = Ordered();
        return factory.New(
            "retire",
            "Ends a version for good and deletes its documents",
            async (call, cancellationToken) =>
            {
                VersionOrderDocument body = new(call.Parsed.GetValue(version), call.Parsed.GetRequiredValue(reason));
                string projection = call.Parsed.GetRequiredValue(name);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                RetireDocument retired = await WorkProgress.RunAsync(
                    call.Environment, "Deleting", "documents", p => RetireAsync(target.Projections, projection, body, p, cancellationToken));
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(retired, ToolJson.Readable.RetireDocument);
                }
                else
                {
                    call.Screen.Good($"{retired.Projection}@{retired.Version} is retired; {Cell.Of(retired.Deleted)} documents were deleted.");
                }
                return ExitCodes.Ok;
            },
            name, version, reason);
    }

    private static Command Rebuild(CommandFactory factory)
    {
        Argument<string> name = Name();
        Argument<string> stream = StreamArguments.Stream();
        Option<int?> version = new("--version") { Description = "Which version; the one that serves without", HelpName = "n" };
        Option<string> reason = new("--reason") { Description = "Kept on record", HelpName = "text", Required = true };
        return factory.New(
            "rebuild",
            "Makes what one stream feeds again from its events, while everything else goes on",
            async (call, cancellationToken) =>
            {
                RebuildOrderDocument body = new(call.Parsed.Require(stream).Value, call.Parsed.GetRequiredValue(reason), call.Parsed.GetValue(version));
                await using ITarget target = await call.OpenAsync(cancellationToken);
                RebuildDocument rebuilt = await target.Projections.RebuildAsync(call.Parsed.GetRequiredValue(name), body, cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(rebuilt, ToolJson.Readable.RebuildDocument);
                }
                else
                {
                    call.Screen.Good(
                        $"{rebuilt.Projection}@{rebuilt.Version} of {rebuilt.Key}: {Cell.Of(rebuilt.Changed)} of {Cell.Of(rebuilt.Documents)} documents changed, {Cell.Of(rebuilt.Deleted)} were deleted.");
                }
                return ExitCodes.Ok;
            },
            name, stream, version, reason);
    }

    private static async Task<ProjectionDocument> WaitAsync(
        Call call, IProjectionTarget projections, string name, WorkProgress progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            ProjectionDocument status = await projections.GetAsync(name, cancellationToken);
            if (status.Versions.FirstOrDefault(v => v.Status == "building") is not { } building)
            {
                return status;
            }
            if (building.Progress is { } replay)
            {
                progress.Report(replay.Done, replay.Total);
            }
            await Task.Delay(BetweenLooks, call.Environment.Time, cancellationToken);
        }
    }

    private static async Task<RetireDocument> RetireAsync(
        IProjectionTarget projections, string name, VersionOrderDocument body, WorkProgress progress, CancellationToken cancellationToken)
    {
        int deleted = 0;
        while (true)
        {
            RetireDocument part = await projections.RetireAsync(name, body, cancellationToken);
            deleted += part.Deleted;
            progress.Report(deleted, total: null);
            if (part.IsComplete)
            {
                return part with { Deleted = deleted };
            }
        }
    }

    private static void Tell(Screen screen, ProjectionDocument status)
    {
        if (screen.IsJson)
        {
            screen.Json(status, ToolJson.Readable.ProjectionDocument);
            return;
        }
        Show(screen, [status]);
        foreach (VersionDocument version in status.Versions)
        {
            foreach (string difference in version.LastCheck?.Differences ?? [])
            {
                screen.Bad($"The check of version {version.Version} found: {difference}");
            }
        }
    }

    private static void Show(Screen screen, IEnumerable<ProjectionDocument> projections)
    {
        ResultTable table = new("Projection", "Version", "Status", "Since", "Replayed", "Rate", "Left", "Parked", "In code", "Why");
        foreach (ProjectionDocument p in projections)
        {
            foreach (VersionDocument v in p.Versions)
            {
                table.AddRow(
                    Cell.Text(p.Projection), Cell.Text(v.Version.ToString(CultureInfo.InvariantCulture)), Cell.State(v.Version == p.Serving ? $"{v.Status} *" : v.Status), Cell.Text(Cell.Of(v.Since)),
                    Cell.Text(v.Progress is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Done:N0} of {d.Total:N0}, {d.Percent:0.#} %") : ""),
                    Cell.Text(v.Progress?.CommitsPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s") : ""),
                    Cell.Text(v.Progress?.SecondsLeft is { } left ? TimeSpan.FromSeconds(left).ToString("c", CultureInfo.InvariantCulture) : ""),
                    Cell.Text(v.Parked is { } parked ? Cell.Of(parked) : ""), Cell.Text(v.IsInCode ? "yes" : "no"), Cell.Text(v.Reason));
            }
        }
        screen.Show(table);
    }

    internal static Argument<string> Name() => new("projection") { Description = "Its name without a version, such as account-summary" };

    private static (Option<int> Version, Option<string> Reason) Ordered() => (
        new Option<int>("--version") { Description = "Which version", HelpName = "n", Required = true },
        new Option<string>("--reason") { Description = "Kept on record", HelpName = "text", Required = true });
}
