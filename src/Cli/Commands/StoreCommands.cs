using System.CommandLine;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl store …</c>: all streams at once.</summary>
internal static class StoreCommands
{
    /// <summary>Broken streams that are listed; of more there is no use in knowing each.</summary>
    private const int MaxListed = 1_000;

    public static Command Create(CommandFactory factory)
    {
        Command store = new("store", "All streams at once");
        store.Subcommands.Add(Verify(factory));
        return store;
    }

    private static Command Verify(CommandFactory factory)
    {
        Option<string?> category = new("--category") { Description = "Only streams of this category", HelpName = "category" };
        Option<bool> stop = new("--stop-at-first") { Description = "End at the first part in which a link is broken" };
        return factory.New(
            "verify",
            "Whether every stream is what was written; exit code 1 where one is not",
            async (call, cancellationToken) =>
            {
                await using ITarget target = await call.OpenAsync(cancellationToken);
                StoreVerifyDocument verified = await WorkProgress.RunAsync(
                    call.Environment, "Verifying", "commits", p => VerifyAsync(target, call.Parsed.GetValue(category), call.Parsed.GetValue(stop), p, cancellationToken));
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(verified, ToolJson.Readable.StoreVerifyDocument);
                }
                else
                {
                    Show(call.Screen, verified);
                }
                return verified.IsIntact ? ExitCodes.Ok : ExitCodes.No;
            },
            category, stop);
    }

    private static async Task<StoreVerifyDocument> VerifyAsync(
        ITarget target, string? category, bool stopAtFirst, WorkProgress progress, CancellationToken cancellationToken)
    {
        Dictionary<string, BrokenStreamDocument> broken = new(StringComparer.Ordinal);
        long read = 0;
        long commits = 0;
        long streams = 0;
        long? total = null;
        bool isComplete = true;
        await foreach (VerifiedPartDocument part in target.VerifyAllAsync(category, cancellationToken))
        {
            (read, commits, streams, total) = (read + part.Read, commits + part.Commits, streams + part.Streams, part.Total ?? total);
            foreach (BrokenStreamDocument link in part.Broken)
            {
                // The feed has no order over a stream that somebody touched: the first fault is the one with the lowest id.
                if (broken.TryGetValue(link.Stream, out BrokenStreamDocument? known) ? string.CompareOrdinal(link.Id, known.Id) < 0 : broken.Count < MaxListed)
                {
                    broken[link.Stream] = link;
                }
            }
            progress.Report(read, total);
            if (stopAtFirst && broken.Count > 0)
            {
                isComplete = false;
                break;
            }
        }
        return new StoreVerifyDocument(
            commits, streams, broken.Count == 0, isComplete, [.. broken.Values.OrderBy(b => b.Stream, StringComparer.Ordinal)]);
    }

    private static void Show(Screen screen, StoreVerifyDocument verified)
    {
        string checkedSoFar = $"{Cell.Of(verified.Commits)} commits of {Cell.Of(verified.Streams)} streams";
        if (verified.IsIntact)
        {
            screen.Good($"Everything is what was written: {checkedSoFar}.");
            return;
        }
        ResultTable table = new("Stream", "Commit", "What is wrong");
        foreach (BrokenStreamDocument link in verified.Broken)
        {
            table.AddRow(Cell.Text(link.Stream), Cell.Text(link.Id), Cell.Text(link.Reason));
        }
        screen.Show(table);
        screen.Bad($"{Cell.Of(verified.Broken.Count)} streams are broken; {checkedSoFar} were looked at{(verified.IsComplete ? "" : ", and there is more")}.");
    }
}
