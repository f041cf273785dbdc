using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;
using Serverless.EventSourcing;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl reconsider</c>: what today's rules make of the commands of the past. Nothing is written.</summary>
internal static class ReconsiderCommand
{
    public static Command Create(CommandFactory factory)
    {
        Argument<string?> stream = new("stream") { Description = "One stream, such as account-alice-1", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> category = new("--category") { Description = "Instead: every stream of this category", HelpName = "category" };
        Option<string?> from = new("--from") { Description = "Only what was decided at this instant or later", HelpName = "instant" };
        Option<string?> to = new("--to") { Description = "Only what was decided before this instant", HelpName = "instant" };
        return factory.New(
            "reconsider",
            "Recorded commands, the refused ones among them, decided again by today's rules; exit code 1 where that differs",
            async (call, cancellationToken) =>
            {
                WhatIfQuery query = QueryOf(call.Parsed.GetValue(stream), call.Parsed.GetValue(category)) with
                {
                    From = StreamArguments.Instant("--from", call.Parsed.GetValue(from)),
                    To = StreamArguments.Instant("--to", call.Parsed.GetValue(to)),
                };
                if (query.From >= query.To)
                {
                    throw ToolException.Usage("--to is an instant after --from; what was decided at --to itself is left out.");
                }
                await using ITarget target = await call.OpenAsync(cancellationToken);
                Sum sum = await WorkProgress.RunAsync(
                    call.Environment.WithoutBarBetweenAnswers, "Reconsidering", "decisions", p => RunAsync(call.Screen, target.ReconsiderAsync(query, cancellationToken), p));
                sum.Tell(call.Screen);
                return sum.IsAllTheSame ? ExitCodes.Ok : ExitCodes.No;
            },
            stream, category, from, to);
    }

    private static WhatIfQuery QueryOf(string? stream, string? category) => (stream, category) switch
    {
        ({ } one, null) => OfStream(StreamArguments.Require(one)),
        (null, { } all) => new WhatIfQuery { Category = all },
        _ => throw ToolException.Usage("Name a stream, or a --category."),
    };

    private static WhatIfQuery OfStream(StreamName stream) => new() { Category = stream.Category, Stream = stream };

    /// <summary>Differences are told as they come: there may be more of them than fit into memory.</summary>
    private static async Task<Sum> RunAsync(Screen screen, IAsyncEnumerable<ReconsiderPageDocument> pages, WorkProgress progress)
    {
        Sum sum = new();
        await foreach (ReconsiderPageDocument page in pages)
        {
            foreach (ReconsideredDocument different in page.Different ?? [])
            {
                if (screen.IsJson)
                {
                    screen.Json(different, ToolJson.Readable.ReconsideredDocument);
                }
                else
                {
                    Tell(screen, different);
                }
            }
            sum.Add(page);
            progress.Report(sum.Decisions, total: null);
        }
        return sum;
    }

    private static void Tell(Screen screen, ReconsideredDocument different)
    {
        (string stream, long version, string command, string data, string then) = different switch
        {
            { Recorded: { } c } => (c.Stream, c.FirstVersion - 1, c.Command, Cell.Of(c.CommandData), Events(c.Events.Select(e => (e.Type, Cell.Of(e.Data))))),
            { Refused: { } r } => (r.Stream, r.Version, r.Command, Cell.Of(r.CommandData), $"refused, {r.Code}"),
            _ => ("?", 0, "?", "", "?"),
        };
        string today = different.Today.Events is { } events ? Events(events.Select(e => (e.Type, Cell.Of(e.Data)))) : $"{different.Today.Code}: {different.Today.Detail}";
        screen.Line($"{different.Verdict}: {command} {data} on {stream} at version {version}");
        screen.Line($"   then:  {then}");
        screen.Line($"   today: {today}");
    }

    private static string Events(IEnumerable<(string Type, string Data)> events) => string.Join(", ", events.Select(e => $"{e.Type} {e.Data}"));

    /// <summary>All pages added up.</summary>
    private sealed class Sum
    {
        private readonly Dictionary<(string Command, string Policy), SortedDictionary<string, long>> commands = [];
        private readonly List<UnreadableDocument> unreadable = [];
        private ReconsiderPageDocument? last;
        private long streams;
        private long commits;
        private long refused;
        private long same;

        public long Decisions => commits + refused;

        public bool IsAllTheSame => same == Decisions && unreadable.Count == 0;

        public void Add(ReconsiderPageDocument page)
        {
            last = page;
            streams += page.Streams;
            commits += page.Commits;
            refused += page.Refused;
            same += page.Same;
            unreadable.AddRange(page.Unreadable);
            foreach (ReconsideredCommandDocument command in page.Commands)
            {
                (string, string) key = (command.Command, command.Policy);
                SortedDictionary<string, long> verdicts = commands.TryGetValue(key, out SortedDictionary<string, long>? known)
                    ? known
                    : commands[key] = new SortedDictionary<string, long>(StringComparer.Ordinal);
                foreach ((string verdict, long count) in command.Verdicts)
                {
                    verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + count;
                }
            }
        }

        public void Tell(Screen screen)
        {
            if (screen.IsJson)
            {
                screen.Json(ToDocument(), ToolJson.Readable.ReconsiderPageDocument);
                return;
            }
            ResultTable table = new("Command", "Rules of", "Verdict", "Decisions");
            foreach (((string command, string policy), SortedDictionary<string, long> verdicts) in commands)
            {
                foreach ((string verdict, long count) in verdicts)
                {
                    table.AddRow(Cell.Text(command), Cell.Text(policy), Cell.Text(verdict), Cell.Text(Cell.Of(count)));
                }
            }
            screen.Show(table);
            foreach (UnreadableDocument u in unreadable)
            {
                screen.Bad($"{u.Stream} can't be read: {u.Detail}");
            }
            string text = string.Create(
                CultureInfo.InvariantCulture, $"{same:N0} of {Decisions:N0} decisions in {streams:N0} streams would be the same under rules {last?.Policy}.");
            if (IsAllTheSame)
            {
                screen.Good(text);
            }
            else
            {
                screen.Bad(text);
            }
        }

        private ReconsiderPageDocument ToDocument() => (last ?? throw new InvalidOperationException("There was no page.")) with
        {
            Streams = streams,
            Commits = commits,
            Refused = refused,
            Same = same,
            Verdicts = new SortedDictionary<string, long>(
                commands.Values.SelectMany(v => v).GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.Sum(v => v.Value)), StringComparer.Ordinal),
            Commands = [.. commands.Select(c => new ReconsideredCommandDocument(c.Key.Command, c.Key.Policy, c.Value))],
            Different = null,
            Unreadable = unreadable,
            IsComplete = true,
            Next = null,
        };
    }
}
