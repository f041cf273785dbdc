using System.Globalization;
using System.Runtime.CompilerServices;
using Serverless.Cli.Answers;

namespace Serverless.Cli.Targets;

/// <summary>Sends lines to the API in parts as large as one request may be.</summary>
internal sealed class HttpImport(ApiClient api, ImportOptions options, ImportParts parts)
{
    public async IAsyncEnumerable<ImportedPartDocument> RunAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ImportPart part in parts.ReadAsync(source, cancellationToken))
        {
            yield return await SendAsync(part, cancellationToken);
        }
    }

    private async Task<ImportedPartDocument> SendAsync(ImportPart part, CancellationToken cancellationToken)
    {
        string query = HttpTarget.Query(
            ("dryRun", options.IsDryRun ? "true" : null), ("reason", options.Reason), ("intoExisting", options.IntoExisting || part.Continues ? "true" : null));
        try
        {
            ImportedPartDocument imported = await api.PostAsync(
                $"manage/import{query}", part.Lines, "application/jsonl", ToolJson.Readable.ImportedPartDocument, cancellationToken);
            // A dry run wrote nothing, so the API can't know what an earlier part would have written.
            return part.Continues || imported.Gaps is not [{ } gap, ..] ? imported : throw part.Fault(gap.Line, gap.Reason);
        }
        catch (ToolException e) when (e.Problem is { Code: "import-refused", Errors: [{ } error] } && LineOf(error) is { } line)
        {
            throw part.Fault(line, error.Message, e); // As the whole file counts them.
        }
    }

    private static long? LineOf(ProblemErrorDocument error) =>
        error.Path.StartsWith("line ", StringComparison.Ordinal) && long.TryParse(error.Path["line ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long line)
            ? line
            : null;
}
