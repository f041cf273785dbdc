using System.CommandLine;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl tail</c>: the newest commits of all streams, and those that follow.</summary>
internal static class TailCommand
{
    private const int MaxLimit = 200;

    // The API is asked for commits since a second ago again and again, because several can have one time.
    private const int Remembered = 1_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    public static Command Create(CommandFactory factory)
    {
        Option<string?> category = new("--category") { Description = "Only streams of this category", HelpName = "name" };
        Option<string?> command = new("--command") { Description = "Only commits of this command", HelpName = "name" };
        Option<string?> actor = new("--actor") { Description = "Only commits of this actor", HelpName = "name" };
        Option<int> limit = new("--limit") { Description = "So many to begin with", HelpName = "n", DefaultValueFactory = _ => 20 };
        Option<bool> follow = new("--follow", "-f") { Description = "Go on until Ctrl+C" };
        return factory.New(
            "tail",
            "The newest commits of all streams, the newest last",
            async (call, cancellationToken) =>
            {
                int most = call.Parsed.GetValue(limit) is var n and >= 1 and <= MaxLimit
                    ? n
                    : throw ToolException.Usage($"--limit is a whole number from 1 to {MaxLimit}.");
                using ApiClient api = call.OpenApi();
                string filter = HttpTarget.Query(
                    ("category", call.Parsed.GetValue(category)), ("command", call.Parsed.GetValue(command)), ("actor", call.Parsed.GetValue(actor)),
                    ("pageSize", $"{MaxLimit}"));
                Seen seen = new();
                RecentPageDocument page = await api.GetAsync($"manage/commits{filter}", ToolJson.Readable.RecentPageDocument, cancellationToken);
                Show(call.Screen, [.. page.Commits.Take(most)], seen);
                seen.Add(page.Commits); // Those before the limit, too.
                while (call.Parsed.GetValue(follow))
                {
                    await Task.Delay(PollInterval, call.Environment.Time, cancellationToken);
                    string since = page.Newest is { } newest ? $"&since={Uri.EscapeDataString(newest.ToString("O"))}" : "";
                    RecentPageDocument next = await api.GetAsync($"manage/commits{filter}{since}", ToolJson.Readable.RecentPageDocument, cancellationToken);
                    Show(call.Screen, next.Commits, seen);
                    page = next.Newest is null ? page : next;
                }
                return ExitCodes.Ok;
            },
            category, command, actor, limit, follow);
    }

    private static void Show(Screen screen, IReadOnlyList<RecentCommitDocument> newestFirst, Seen seen)
    {
        foreach (RecentCommitDocument commit in newestFirst.Reverse().Where(seen.IsNew))
        {
            if (screen.IsJson)
            {
                screen.Json(commit, ToolJson.Readable.RecentCommitDocument);
            }
            else if (commit.Error is { } error)
            {
                screen.Bad($"{Cell.Of(commit.Time)}  {commit.Stream} {commit.FirstVersion}: {error}");
            }
            else
            {
                screen.Line(
                    $"{Cell.Of(commit.Time)}  {commit.Stream} {Cell.Versions(commit.FirstVersion, commit.LastVersion ?? commit.FirstVersion)}  "
                    + $"{commit.Command} by {commit.Actor}: {string.Join(", ", commit.Events ?? [])}");
            }
        }
        seen.Add(newestFirst);
    }

    /// <summary>The commits that were shown, as many as can come again.</summary>
    private sealed class Seen
    {
        private readonly HashSet<(string, long)> places = [];
        private readonly Queue<(string, long)> order = [];

        public bool IsNew(RecentCommitDocument commit) => !places.Contains((commit.Stream, commit.FirstVersion));

        public void Add(IReadOnlyList<RecentCommitDocument> commits)
        {
            foreach (RecentCommitDocument commit in commits.Where(IsNew))
            {
                places.Add((commit.Stream, commit.FirstVersion));
                order.Enqueue((commit.Stream, commit.FirstVersion));
            }
            while (order.Count > Remembered)
            {
                places.Remove(order.Dequeue());
            }
        }
    }
}
