using Serverless.EventSourcing;

namespace Serverless.Workshop;

/// <summary>What can be asked for. Which one is meant is named by the stream. Mirrors request bodies.</summary>
public abstract record WidgetCommand
{
    private protected WidgetCommand() { } // Closed: every case is in this file.
}

public sealed record CreateWidget(string Title) : WidgetCommand;

public sealed record RenameWidget(string Title) : WidgetCommand;

/// <summary>What must hold for a body alone, whatever the state: everything else is a rule of <see cref="WidgetRules"/>.</summary>
public static class WidgetCommandChecks
{
    public const int MaxTitleLength = 200;

    public static IEnumerable<ValidationError> Check(CreateWidget command) => CheckTitle(command.Title);

    public static IEnumerable<ValidationError> Check(RenameWidget command) => CheckTitle(command.Title);

    private static IEnumerable<ValidationError> CheckTitle(string title)
    {
        if (string.IsNullOrWhiteSpace(title) || title.Length > MaxTitleLength)
        {
            yield return new ValidationError("$.title", $"A title is a text of 1 to {MaxTitleLength} characters.");
        }
    }
}
