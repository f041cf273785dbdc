using System.CommandLine;
using Serverless.Cli.Answers;
using Serverless.Cli.Output;
using Serverless.Cli.Targets;
using Serverless.EventSourcing;

namespace Serverless.Cli.Commands;

/// <summary>Commits as JSON Lines, out and in.</summary>
internal static class BackupCommands
{
    private const string StandardStream = "-";

    public static Command Export(CommandFactory factory)
    {
        Option<string?> category = new("--category") { Description = "Only streams of this category", HelpName = "category" };
        Option<string?> stream = new("--stream") { Description = "Only this stream", HelpName = "stream" };
        Option<string> file = new("--out") { Description = "A file that does not exist yet, or - for standard output", HelpName = "file|-", Required = true };
        return factory.New(
            "export",
            "Writes commits as JSON Lines, one commit a line, each under its seal",
            async (call, cancellationToken) =>
            {
                StreamName? name = call.Parsed.GetValue(stream) is { } text ? StreamArguments.Require(text) : null;
                string? kind = call.Parsed.GetValue(category);
                if (name is not null && kind is not null)
                {
                    throw ToolException.Usage("--stream and --category can't be combined.");
                }
                string path = call.Parsed.GetRequiredValue(file);
                await using ITarget target = await call.OpenAsync(cancellationToken);
                ExportDocument exported = await WorkProgress.RunAsync(
                    path == StandardStream ? call.Environment.WithoutBarBetweenAnswers : call.Environment, "Exporting", "commits", p => ExportAsync(call, target.ExportAsync(name, kind, cancellationToken), path, p, cancellationToken));
                if (path != StandardStream)
                {
                    Tell(call.Screen, exported, path);
                }
                return ExitCodes.Ok;
            },
            category, stream, file);
    }

    public static Command Import(CommandFactory factory)
    {
        Argument<string> file = new("file") { Description = "What an export wrote, or - for standard input" };
        Option<bool> dryRun = new("--dry-run") { Description = "Check everything, in the store as well, and write nothing" };
        Option<string?> reason = new("--reason") { Description = "Why, kept on record; required unless it is a dry run", HelpName = "text" };
        Option<bool> existing = new("--into-existing") { Description = "Add to streams that have commits already, for example to go on with an import that was interrupted" };
        return factory.New(
            "import",
            "Brings exported commits into empty streams, each under its own seal. All lines are checked before the first is written; what is there already is left alone",
            async (call, cancellationToken) =>
            {
                ImportOptions options = new(call.Parsed.GetValue(dryRun), call.Parsed.GetValue(existing), call.Parsed.GetValue(reason));
                if (!options.IsDryRun && string.IsNullOrWhiteSpace(options.Reason))
                {
                    throw ToolException.Usage("Say why you import, with --reason. It is kept on record.");
                }
                await using Stream lines = await OpenAsync(call, call.Parsed.GetRequiredValue(file), cancellationToken);
                try
                {
                    long commits = await WorkProgress.RunAsync(call.Environment, "Checking", "commits", p => CheckAsync(lines, p, cancellationToken));
                    lines.Position = 0;
                    await using ITarget target = await call.OpenAsync(cancellationToken, canCreate: !options.IsDryRun);
                    ImportDocument imported = await WorkProgress.RunAsync(
                        call.Environment, options.IsDryRun ? "Trying" : "Importing", "commits",
                        p => ImportAsync(target.ImportAsync(lines, options, cancellationToken), options.IsDryRun, commits, p));
                    Tell(call.Screen, imported);
                    return ExitCodes.Ok;
                }
                catch (CommitImportException e)
                {
                    throw new ToolException(ExitCodes.Usage, e.Message, e);
                }
            },
            file, dryRun, reason, existing);
    }

    /// <summary>A file appears under its name when it is whole: who finds it can rely on it.</summary>
    private static async Task<ExportDocument> ExportAsync(
        Call call, IAsyncEnumerable<ReadOnlyMemory<byte>> parts, string path, WorkProgress progress, CancellationToken cancellationToken)
    {
        if (path == StandardStream)
        {
            return await CopyAsync(parts, call.Environment.OutputBytes, progress, cancellationToken);
        }
        if (File.Exists(path))
        {
            throw ToolException.Usage($"{path} exists.");
        }
        string partial = $"{path}.partial";
        try
        {
            ExportDocument exported;
            await using (FileStream output = new(partial, FileMode.Create, FileAccess.Write))
            {
                exported = await CopyAsync(parts, output, progress, cancellationToken);
            }
            File.Move(partial, path);
            return exported;
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static async Task<ExportDocument> CopyAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> parts, Stream output, WorkProgress progress, CancellationToken cancellationToken)
    {
        long commits = 0;
        long bytes = 0;
        await foreach (ReadOnlyMemory<byte> lines in parts)
        {
            await output.WriteAsync(lines, cancellationToken);
            commits += lines.Span.Count((byte)'\n');
            bytes += lines.Length;
            progress.Report(commits, total: null);
        }
        await output.FlushAsync(cancellationToken);
        return new ExportDocument(commits, bytes);
    }

    /// <summary>Lines are read twice, so what comes through a pipe is kept in a file meanwhile.</summary>
    private static async Task<Stream> OpenAsync(Call call, string path, CancellationToken cancellationToken)
    {
        if (path != StandardStream)
        {
            return File.OpenRead(path);
        }
        FileStream kept = new(
            Path.GetTempFileName(), new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        await call.Environment.Input.CopyToAsync(kept, cancellationToken);
        kept.Position = 0;
        return kept;
    }

    private static async Task<long> CheckAsync(Stream source, WorkProgress progress, CancellationToken cancellationToken)
    {
        CommitLines check = new();
        using StreamReader lines = new(source, leaveOpen: true);
        long commits = 0;
        for (long number = 1; await lines.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (line.Length > 0)
            {
                check.Next(number, line);
                progress.Report(++commits, total: null);
            }
        }
        return commits;
    }

    private static async Task<ImportDocument> ImportAsync(
        IAsyncEnumerable<ImportedPartDocument> parts, bool isDryRun, long total, WorkProgress progress)
    {
        ImportDocument sum = new(0, 0, 0, isDryRun);
        await foreach (ImportedPartDocument part in parts)
        {
            sum = new ImportDocument(sum.Commits + part.Commits, sum.Written + part.Written, sum.Known + part.Known, isDryRun);
            progress.Report(sum.Commits, total);
        }
        return sum;
    }

    private static void Tell(Screen screen, ExportDocument exported, string path)
    {
        if (screen.IsJson)
        {
            screen.Json(exported, ToolJson.Readable.ExportDocument);
            return;
        }
        screen.Good($"{path} has {Cell.Of(exported.Commits)} commits in {Cell.Of(exported.Bytes)} bytes.");
    }

    private static void Tell(Screen screen, ImportDocument imported)
    {
        if (screen.IsJson)
        {
            screen.Json(imported, ToolJson.Readable.ImportDocument);
            return;
        }
        string known = $"{Cell.Of(imported.Known)} were there already";
        screen.Good(imported.DryRun
            ? $"Of {Cell.Of(imported.Commits)} commits {Cell.Of(imported.Written)} would be written; {known}. Nothing was."
            : $"{Cell.Of(imported.Written)} of {Cell.Of(imported.Commits)} commits were written; {known}.");
    }
}
