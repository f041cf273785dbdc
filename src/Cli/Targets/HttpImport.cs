using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Serverless.Cli.Answers;
using Serverless.EventSourcing;

namespace Serverless.Cli.Targets;

/// <summary>Sends lines to the API in parts as large as one request may be.</summary>
internal sealed class HttpImport(ApiClient api, bool isDryRun, int maxPartBytes = HttpImport.DefaultPartBytes)
{
    /// <summary>Half of what the API takes, so that a part takes seconds and progress shows; one commit always fits.</summary>
    private const int DefaultPartBytes = 2 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> part = new();
    private readonly HashSet<string> streams = new(StringComparer.Ordinal);
    private readonly HashSet<string> earlierStreams = new(StringComparer.Ordinal);
    private long firstLine = 1;

    public async IAsyncEnumerable<ImportedPartDocument> RunAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using StreamReader lines = new(source, leaveOpen: true);
        long number = 0;
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            number++;
            byte[] bytes = [.. Encoding.UTF8.GetBytes(line), (byte)'\n'];
            if (part.WrittenCount > 0 && part.WrittenCount + bytes.Length > maxPartBytes)
            {
                yield return await SendAsync(cancellationToken);
                firstLine = number;
            }
            part.Write(bytes);
            if (isDryRun && line.Length > 0)
            {
                using JsonDocument item = JsonDocument.Parse(line);
                streams.Add(item.RootElement.GetProperty("stream"u8).GetString()!);
            }
        }
        if (part.WrittenCount > 0)
        {
            yield return await SendAsync(cancellationToken);
        }
    }

    private async Task<ImportedPartDocument> SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            ImportedPartDocument imported = await api.PostAsync(
                $"manage/import{(isDryRun ? "?dryRun=true" : "")}", part.WrittenMemory, "application/jsonl",
                ToolJson.Readable.ImportedPartDocument, cancellationToken);
            // A dry run wrote nothing, so the API can't know what an earlier part would have written.
            if (imported.Gaps?.FirstOrDefault(g => !earlierStreams.Contains(g.Stream)) is { } gap)
            {
                throw new CommitImportException(firstLine + gap.Line - 1, gap.Reason);
            }
            earlierStreams.UnionWith(streams);
            streams.Clear();
            part.ResetWrittenCount();
            return imported;
        }
        catch (ToolException e) when (e.Problem is { Code: "import-refused", Errors: [{ } error] } && LineOf(error) is { } line)
        {
            throw new CommitImportException(firstLine + line - 1, error.Message, e); // As the whole file counts them.
        }
    }

    private static long? LineOf(ProblemErrorDocument error) =>
        error.Path.StartsWith("line ", StringComparison.Ordinal) && long.TryParse(error.Path["line ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long line)
            ? line
            : null;
}
