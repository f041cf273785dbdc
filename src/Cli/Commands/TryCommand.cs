using System.CommandLine;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;
using Serverless.EventSourcing;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl try</c>: what would come of a command. Nothing is written.</summary>
internal static class TryCommand
{
    public static Command Create(CommandFactory factory)
    {
        Argument<string> stream = StreamArguments.Stream();
        Argument<string> command = CommandBody.Name();
        Option<string?> data = CommandBody.Data();
        Option<long?> version = StreamArguments.Version();
        Option<string?> at = StreamArguments.At();
        return factory.New(
            "try",
            "What a command would do, now or at a point of the past: events, or a reason. Writes nothing; exit code 1 where it would be refused",
            async (call, cancellationToken) =>
            {
                StreamName name = call.Parsed.Require(stream);
                StreamPoint point = call.Parsed.Point(version, at, firstVersion: 0);
                byte[] body = await CommandBody.ReadAsync(call, data, cancellationToken);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                TrialDocument trial = await target.TryAsync(name, point, call.Parsed.GetRequiredValue(command), body, cancellationToken);
                if (call.Screen.IsJson)
                {
                    call.Screen.Json(trial, ToolJson.Readable.TrialDocument);
                }
                else
                {
                    Show(call.Screen, trial);
                }
                return trial.Outcome == TrialDocument.Accepted ? ExitCodes.Ok : ExitCodes.No;
            },
            stream, command, data, version, at);
    }

    private static void Show(Screen screen, TrialDocument trial)
    {
        if (trial.Outcome != TrialDocument.Accepted)
        {
            screen.Bad($"{trial.Stream} at version {trial.Version} would refuse it: {trial.Code}. {trial.Detail}");
            return;
        }
        IReadOnlyList<TriedEventDocument> events = trial.Events ?? [];
        screen.Good($"{trial.Stream} at version {trial.Version} would accept it{(events.Count == 0 ? ", with nothing to do" : "")}.");
        foreach (TriedEventDocument e in events)
        {
            screen.Line($"   {e.Type} {Cell.Of(e.Data)}");
        }
        if (trial.State is { } state)
        {
            screen.Line($"   and then be {Cell.Of(state)}");
        }
    }
}
