using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Rules on a past that was exported, for the build of who changes them: <c>(await RulesSpec.RunAsync(file, aggregate, token)).ThenDiffers(…)</c>.
/// Every command of the aggregate's streams is decided again on the state of its time. An export has no refused commands.
/// </summary>
public static class RulesSpec
{
    /// <param name="export">Commits as JSON Lines; those of other categories are passed over.</param>
    /// <param name="aggregate">With the rules to try, see <see cref="Aggregate{TCommand, TState, TEvent, TRejection}.WithRules"/>.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="CommitImportException">A line is no commit, is not what was sealed, or leaves a gap.</exception>
    public static async Task<RulesReport> RunAsync<TCommand, TState, TEvent, TRejection>(
        Stream export, Aggregate<TCommand, TState, TEvent, TRejection> aggregate, CancellationToken cancellationToken)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        InMemoryEventStore store = new();
        await foreach (ImportProgress _ in new CommitImport(store).RunAsync(export, cancellationToken))
        {
        }
        WhatIf whatIf = new(
            new BoundedContext().Add(aggregate).Bind(store, TimeProvider.System, new CommandHandlerOptions()),
            store, new InMemoryRefusedCommandStore(TimeProvider.System), TimeProvider.System);
        // It is in memory already: one page has all.
        WhatIfLimits limits = new() { MaxDecisions = int.MaxValue, MaxDifferences = int.MaxValue, MaxBytes = long.MaxValue, MaxTime = TimeSpan.MaxValue };
        return new RulesReport(await whatIf.ReadPageAsync(new WhatIfQuery { Category = aggregate.Category }, limits, continuation: null, cancellationToken));
    }
}

/// <summary>What the rules make of the past.</summary>
public sealed class RulesReport
{
    internal RulesReport(WhatIfPage page)
    {
        Page = page;
        Lines = [.. page.Different.Select(Line), .. page.Unreadable.Select(u => $"{u.Stream} unreadable: {u.Detail}")];
    }

    /// <summary>Everything, with counts and commits.</summary>
    public WhatIfPage Page { get; }

    /// <summary>
    /// One line per difference: the stream and the version that was decided on, the command, and what it would come to, such as
    /// <c>account-7f3a@12 withdraw {"amount":…}: rejected insufficient-funds</c>.
    /// </summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Nothing is decided otherwise, and everything could be decided.</summary>
    public void ThenSame() => ThenDiffers();

    /// <summary>Exactly these are decided otherwise.</summary>
    /// <exception cref="SpecificationException">Others are, or these are not.</exception>
    public void ThenDiffers(params IReadOnlyList<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (Page.Commits == 0)
        {
            throw new SpecificationException("The export has no command of this aggregate, so there is nothing to compare.");
        }
        if (!lines.SequenceEqual(Lines, StringComparer.Ordinal))
        {
            throw SpecificationException.Difference("The rules decide otherwise", lines, Lines);
        }
    }

    private static string Line(Reconsidered again)
    {
        CommitMetadata command = again.Past.Metadata;
        string data = Encoding.UTF8.GetString(command.CommandData.Span);
        return string.Create(
            CultureInfo.InvariantCulture, $"{again.Past.Stream}@{again.Past.Version} {command.CommandType} {data}: {Outcome(again.Today)}");
    }

    private static string Outcome(Trial trial) => trial switch
    {
        Trial.Accepted { Events.Count: 0 } => "nothing to do",
        Trial.Accepted accepted => string.Join(", ", accepted.Events.Select(e => $"{e.Type} v{e.SchemaVersion} {Encoding.UTF8.GetString(e.Data.Span)}")),
        Trial.Rejected rejected => $"rejected {rejected.Reason.Code}",
        Trial.Invalid invalid => $"invalid {string.Join(' ', invalid.Errors.Select(e => $"{e.Path} {e.Message}"))}",
        Trial.Unknown => "there is no such command, or its body was not recorded",
        Trial.Failed failed => failed.Detail,
        _ => throw new UnreachableException(),
    };
}
