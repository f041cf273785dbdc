using System.CommandLine;
using Serverless.Cli.Commands;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;

namespace Serverless.Cli;

/// <summary>The commands put together, and the way every one of them begins and ends.</summary>
internal static class Tool
{
    // A leading @ names a file of data here, not one with more of the command line.
    internal static ParserConfiguration Parsing => new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(IReadOnlyList<string> args, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        RootCommand root = Create(environment);
        ParseResult parsed = root.Parse(args, Parsing);
        if (parsed.Errors.Count > 0)
        {
            if (IsBare(parsed))
            {
                return await root.Parse([.. args, "--help"], Parsing).InvokeAsync(Output(environment), cancellationToken);
            }
            await environment.Error.WriteLineAsync(ParseErrors.Of(parsed));
            return ExitCodes.Usage;
        }
        return await parsed.InvokeAsync(Output(environment), cancellationToken);
    }

    /// <summary>A group of commands, and no word after it.</summary>
    private static bool IsBare(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0 && parsed.Errors.All(e => e.SymbolResult == parsed.CommandResult);

    private static InvocationConfiguration Output(ToolEnvironment environment) =>
        new() { Output = environment.Output, Error = environment.Error, EnableDefaultExceptionHandler = false };

    public static RootCommand Create(ToolEnvironment environment)
    {
        TargetOptions target = new();
        Option<bool> json = new("--json")
        {
            Description = "For machines: one JSON document, or one a line where there are many",
            Recursive = true,
        };
        RootCommand root = new("Looks into an event-sourced system: over its HTTP API, or straight into its store.");
        target.AddTo(root);
        root.Options.Add(json);
        CommandFactory factory = new(environment, target, json);
        foreach (Command command in (Command[])
        [
            StreamCommands.Create(factory), TailCommand.Create(factory), SendCommand.Create(factory), ViewCommands.Create(factory), TryCommand.Create(factory), ReconsiderCommand.Create(factory), ConversationCommand.Create(factory),
            StoreCommands.Create(factory), BackupCommands.Export(factory), BackupCommands.Import(factory),
            ConsumerCommands.List(factory), ConsumerCommands.One(factory), ConsumerCommands.Parked(factory),
            ProjectionCommands.Create(factory), ConsumerCommands.Actions(factory), CostCommand.Create(factory),
            CompletionCommand.Create(factory),
        ])
        {
            root.Subcommands.Add(command);
        }
        HelpWithExamples.AddTo(root);
        return root;
    }

    /// <summary><c>eventctl stream state</c>: how the command is called, whatever the file of this program is.</summary>
    internal static string PathOf(Command command) => string.Join(' ', Names(command).Reverse());

    private static IEnumerable<string> Names(Command command)
    {
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return at is RootCommand ? "eventctl" : at.Name;
        }
    }
}

/// <summary>One invocation of a command.</summary>
internal sealed class Call(ParseResult parsed, Screen screen, TargetOptions target, ToolEnvironment environment)
{
    public ParseResult Parsed { get; } = parsed;

    public Screen Screen { get; } = screen;

    public ToolEnvironment Environment { get; } = environment;

    /// <summary>For what only the API can do.</summary>
    /// <exception cref="ToolException">No address is named, or a store is.</exception>
    public ApiClient OpenApi() => target.Read(Parsed, Environment.Variable) is { Url: { } url } choice
        ? new ApiClient(url, choice.Key)
        : throw ToolException.Usage("This takes the HTTP API: --url, not --store.");

    /// <exception cref="ToolException">None is named, or it can't be opened.</exception>
    public Task<ITarget> OpenAsync(CancellationToken cancellationToken, bool canCreate = false) =>
        TargetFactory.OpenAsync(target.Read(Parsed, Environment.Variable), canCreate, Environment.Time, cancellationToken);
}

/// <summary>Makes commands whose faults end as one line on standard error and an exit code.</summary>
internal sealed class CommandFactory(ToolEnvironment environment, TargetOptions target, Option<bool> json)
{
    public Command New(string name, string description, Func<Call, CancellationToken, Task<int>> run, params Symbol[] symbols)
    {
        Command command = new(name, description);
        foreach (Symbol symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
                default:
                    throw new ArgumentException($"{symbol.Name} is neither an argument nor an option.", nameof(symbols));
            }
        }
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, run, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, Func<Call, CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(new Call(parsed, new Screen(environment, parsed.GetValue(json)), target, environment), cancellationToken);
        }
#pragma warning disable CA1031 // Whatever it is ends as one line and an exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            (int exitCode, string line) = cancellationToken.IsCancellationRequested
                ? (ExitCodes.Interrupted, "Interrupted.")
                : FaultText.Of(e);
            await environment.Error.WriteLineAsync(line);
            return exitCode;
        }
    }
}
