using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.FaultHarness.Load;

namespace Serverless.FaultHarness.Checks;

/// <summary>
/// Everything that was promised, checked against what lies in the database and what the clients know. All checks run; each that fails
/// gives its first counterexample.
/// </summary>
internal sealed class Verification(IReadOnlyList<SentCommand> sent, bool attemptsMayOutliveTheirAnswers)
{
    private const string StepPrefix = "~process/transfer-process/";

    private readonly List<string> passed = [];
    private readonly List<string> failed = [];
    private List<StoredCommit> commits = [];
    private ILookup<string, StoredCommit> byCommand = Array.Empty<StoredCommit>().ToLookup(c => c.CommandId);

    /// <summary>Whether nobody but the given clients has sent commands.</summary>
    public bool KnowsEveryCommand { get; init; } = true;

    /// <summary>Whether there are streams and commands that must have ended as parked and failed.</summary>
    public bool HasPoison { get; init; }

    /// <summary>What was checked, and how often.</summary>
    public IReadOnlyList<string> Passed => passed;

    public IReadOnlyList<string> Failed => failed;

    public int Commits => commits.Count;

    public int Events => commits.Sum(c => c.Events.Count);

    public int Streams => commits.Select(c => c.Stream).Distinct().Count();

    public Money? Money { get; private set; }

    public async Task RunAsync(RawStore store, Func<string, Task<JsonNode>> get, CancellationToken cancellationToken)
    {
        commits = await store.ReadCommitsAsync(cancellationToken);
        byCommand = commits.ToLookup(c => c.CommandId, StringComparer.Ordinal);
        Check("streams without a gap, commits under the right id, and times that never go back", CheckStreams);
        Check("command ids of one commit each", CheckCommandsOnce);
        Check("acknowledged commands, each there once with the events of its answer", CheckAccepted);
        Check("rejected commands that left nothing", CheckRejected);
        Check("commands without an answer, each there once or not at all", CheckUnanswered);
        IndependentFold fold = new();
        Check("accounts folded within their limits", () => Fold(fold));
        Check("transfers that moved their money once, or there and back; sums of all currencies", () => CheckMoney(fold));
        await CheckAsync("documents and entries of views that equal the fold", () => CheckViewsAsync(fold, get));
        await CheckAsync("states that commands would be decided on", () => CheckStatesAsync(fold, get));
        await CheckAsync("poisoned streams parked, and no other parked or failing", () => CheckParkedAsync(store, cancellationToken));
        await CheckAsync("looks for commands that never finish", () => CheckInboxAsync(store, cancellationToken));
    }

    private int CheckStreams()
    {
        foreach (IGrouping<string, StoredCommit> stream in commits.GroupBy(c => c.Stream))
        {
            long next = 1;
            DateTimeOffset last = DateTimeOffset.MinValue;
            foreach (StoredCommit commit in stream.OrderBy(c => c.Id, StringComparer.Ordinal))
            {
                CounterexampleException.ThrowUnless(
                    commit.Id == next.ToString("D10", CultureInfo.InvariantCulture) && commit.Events.Count > 0,
                    () => $"{stream.Key}: after version {next - 1} comes the commit {commit.Id} with {commit.Events.Count} events ({commit.CommandId}).");
                DateTimeOffset time = DateTimeOffset.Parse(commit.Time, CultureInfo.InvariantCulture);
                CounterexampleException.ThrowUnless(time >= last, () => $"{stream.Key}: the commit {commit.Id} of {time:O} follows one of {last:O}.");
                (next, last) = (next + commit.Events.Count, time);
            }
        }
        return commits.Count;
    }

    private int CheckCommandsOnce()
    {
        HashSet<string> known = [.. sent.Select(c => c.Key)];
        foreach (IGrouping<string, StoredCommit> command in byCommand)
        {
            CounterexampleException.ThrowUnless(
                command.Count() == 1, () => $"{command.Key} is there {command.Count()} times: {string.Join(", ", command.Select(c => $"{c.Stream}/{c.Id}"))}.");
            CounterexampleException.ThrowUnless(
                !KnowsEveryCommand || known.Contains(command.Key) || command.Key.StartsWith(StepPrefix, StringComparison.Ordinal),
                () => $"{command.Key} is in {command.Single().Stream}, and nobody has sent it.");
        }
        return byCommand.Count;
    }

    private int CheckAccepted()
    {
        foreach (SentCommand command in sent.Where(c => c.HasEvents))
        {
            StoredCommit? commit = byCommand[command.Key].FirstOrDefault();
            CounterexampleException.ThrowUnless(
                commit is not null && commit.Stream == command.Stream
                && commit.FirstVersion + commit.Events.Count - 1 == command.Version
                && commit.Events.Select(e => e.Type).SequenceEqual(command.Events),
                () => $"{command} was accepted as version {command.Version} ({string.Join(", ", command.Events)}), and stored is {commit?.ToString() ?? "nothing"}.");
        }
        return sent.Count(c => c.HasEvents);
    }

    private int CheckRejected()
    {
        // Who sends a command again while the lost attempt may still be under way can be refused first and obeyed after.
        SentCommand[] settled =
            [.. sent.Where(c => c.Standing != Standing.Open && !c.HasEvents && !(c.HasLostAnswer && attemptsMayOutliveTheirAnswers))];
        foreach (SentCommand command in settled)
        {
            StoredCommit? commit = byCommand[command.Key].FirstOrDefault();
            CounterexampleException.ThrowUnless(
                commit is null, () => $"{command} was {command.Standing} without events, and stored is {commit!.Stream}/{commit.Id}: {commit.Events[0].Type}.");
        }
        return settled.Length;
    }

    private int CheckUnanswered()
    {
        SentCommand[] open = [.. sent.Where(c => c.Standing == Standing.Open)];
        foreach (SentCommand command in open)
        {
            CounterexampleException.ThrowUnless(
                byCommand[command.Key].All(c => c.Stream == command.Stream), () => $"{command} is stored in {byCommand[command.Key].First().Stream}.");
        }
        return open.Length;
    }

    private int Fold(IndependentFold fold)
    {
        foreach (IGrouping<string, StoredCommit> stream in commits.Where(c => c.Stream.StartsWith("account-", StringComparison.Ordinal)).GroupBy(c => c.Stream))
        {
            fold.Add(stream.Key["account-".Length..], stream.OrderBy(c => c.Id, StringComparer.Ordinal).SelectMany(c => c.EventNodes()));
        }
        return fold.Accounts.Count;
    }

    private int CheckMoney(IndependentFold fold)
    {
        Money = Money.Check(commits, fold);
        return Money.Completed + Money.Refunded + Money.Refused;
    }

    private static async Task<int> CheckViewsAsync(IndependentFold fold, Func<string, Task<JsonNode>> get)
    {
        ViewChecks views = new(fold, get);
        await views.CheckAccountsAsync(fold.Accounts.Keys);
        await views.CheckPortfoliosAsync(fold.Accounts.Values.Select(a => a.Owner).Where(o => o.Length > 0).Distinct());
        await views.CheckTotalsAsync(new Dictionary<string, DayFold>());
        return views.Compared;
    }

    private static async Task<int> CheckStatesAsync(IndependentFold fold, Func<string, Task<JsonNode>> get)
    {
        foreach (AccountFold account in fold.Accounts.Values.Where(a => a.Status.Length > 0))
        {
            JsonNode answer = await get($"account/{account.Id}");
            JsonNode state = answer["state"]!;
            CounterexampleException.ThrowUnless(
                (long)answer["version"]! == account.Version && (long)state["balance"]!["minorUnits"]! == account.Balance && (string?)state["status"] == account.Status,
                () => $"The state of {account.Id} at version {account.Version} ({account.Status}, {account.Balance}) is given as {answer.ToJsonString()}.");
        }
        return fold.Accounts.Count;
    }

    private async Task<int> CheckParkedAsync(RawStore store, CancellationToken cancellationToken)
    {
        List<JsonElement> records = await store.ReadAsync("parked", cancellationToken);
        JsonElement[] others = [.. records.Where(record => !Poison.Is(record.GetProperty("stream").GetString()!))];
        CounterexampleException.ThrowUnless(
            others.Length == 0, () => $"{others.Length} streams are parked or failing without a reason, such as: {others[0].GetRawText()}");
        HashSet<(string, string)> parked =
        [
            .. records.Where(record => record.GetProperty("status").GetString() == "parked")
                .Select(record => (record.GetProperty("consumer").GetString()!, record.GetProperty("stream").GetString()!)),
        ];
        (string, string)[] missing = [.. Poison.Parked.Where(expected => HasPoison && !parked.Contains(expected))];
        CounterexampleException.ThrowUnless(
            missing.Length == 0, () => $"not parked: {string.Join(", ", missing)}; parked: {string.Join(", ", parked)}");
        return parked.Count;
    }

    private static async Task<int> CheckInboxAsync(RawStore store, CancellationToken cancellationToken)
    {
        List<JsonElement> pending = await store.ReadAsync("commands", "SELECT * FROM c WHERE c.status = 'pending'", cancellationToken);
        CounterexampleException.ThrowUnless(pending.Count == 0, () => $"{pending.Count} commands are pending for ever, such as: {pending[0].GetRawText()}");
        return 1;
    }

    private void Check(string what, Func<int> check) => CheckAsync(what, () => Task.FromResult(check())).GetAwaiter().GetResult();

    private async Task CheckAsync(string what, Func<Task<int>> check)
    {
        try
        {
            int count = await check();
            passed.Add(string.Create(CultureInfo.InvariantCulture, $"{count,8:N0} {what}"));
        }
        catch (CounterexampleException e)
        {
            failed.Add($"{what}: {e.Message}");
        }
    }
}
