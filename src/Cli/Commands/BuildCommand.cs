using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;

namespace Serverless.Cli.Commands;

/// <summary><c>eventctl projection build</c>: a version for a very large store, before its feed comes to it.</summary>
internal static class BuildCommand
{
    // As the figures of docs/performance.md were measured: the client sends single writes together, up to a hundred to a physical partition.
    private const int DefaultParallel = 1_000;

    public static Command Create(CommandFactory factory)
    {
        Argument<string> name = ProjectionCommands.Name();
        Option<int> version = new("--version") { Description = "Which version, of those compiled into the tool", HelpName = "n", Required = true };
        Option<int> parallel = new("--parallel")
        {
            Description = $"Documents written at a time ({DefaultParallel}); fewer leave more of the store to others",
            HelpName = "n",
            DefaultValueFactory = _ => DefaultParallel,
        };
        return factory.New(
            "build",
            "Fills the documents of a version from all commits, straight in a store, beside its feed or before it; again changes nothing. Exit code 1 where a stream can't be processed",
            async (call, cancellationToken) =>
            {
                int writes = call.Parsed.GetValue(parallel);
                if (writes < 1)
                {
                    throw ToolException.Usage("--parallel is a number from 1 on.");
                }
                (string, int) what = (call.Parsed.GetRequiredValue(name), call.Parsed.GetValue(version));
                await using ITarget target = await call.OpenAsync(cancellationToken);
                BuildDocument built = await WorkProgress.RunAsync(
                    call.Environment, "Building", "commits", p => target.BuildAsync(what, writes, p.Report, cancellationToken));
                Tell(call.Screen, built);
                return built.Poison.Count == 0 ? ExitCodes.Ok : ExitCodes.No;
            },
            name, version, parallel);
    }

    private static void Tell(Screen screen, BuildDocument built)
    {
        if (screen.IsJson)
        {
            screen.Json(built, ToolJson.Readable.BuildDocument);
            return;
        }
        foreach (PoisonDocument poison in built.Poison)
        {
            screen.Bad(string.Create(CultureInfo.InvariantCulture, $"{poison.Stream} can't be processed from version {poison.Version} on: {poison.Reason}"));
        }
        string text = $"{built.Projection}@{built.Version} has everything of {Cell.Of(built.Commits)} commits";
        string written = $"{Cell.Of(built.Documents)} documents were written with {Cell.Of(built.Events)} events";
        if (built.Poison.Count == 0)
        {
            screen.Good($"{text}; {written}.");
        }
        else
        {
            screen.Bad($"{text} but of {Cell.Of(built.Poison.Count)} streams; {written}.");
        }
    }
}
