using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;
using Serverless.EventSourcing;
using Serverless.Functions.Http;
using Serverless.Functions.Management;

namespace Serverless.Functions.History;

/// <summary>Brings commits of an export into the store. For operators, and off unless a setting says otherwise.</summary>
public sealed class ImportFunctions(RecordedImport import, Caller caller, IConfiguration configuration)
{
    /// <summary><c>true</c> allows imports: they write commits that no rule of the app has decided, with any actor and time.</summary>
    public const string Setting = "AllowImport";

    /// <summary>
    /// Takes the lines of <c>?reason=</c>. All of them are checked before the first is written; those that the store has are left alone, so a call
    /// may be repeated. <c>?dryRun=true</c> writes nothing and needs no reason. <c>?intoExisting=true</c> adds to streams that have commits.
    /// </summary>
    [Function("ManageImport")]
    public async Task<HttpResponseData> ImportAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Import)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!configuration.GetValue(Setting, defaultValue: false))
        {
            return await request.ProblemAsync(new Problem(
                ProblemKind.Forbidden, $"Imports are switched off. Set {Setting}=true while you import, and remove it afterwards."));
        }
        bool isDryRun = request.QueryWord("dryRun", "false", "true") == "true";
        bool intoExisting = request.QueryWord("intoExisting", "false", "true") == "true";
        string? reason = request.Query["reason"];
        if (!(reason is null ? isDryRun : ManagementBody.IsReason(reason)))
        {
            throw new ProblemException(Problem.InvalidQuery("reason", $"Say why you import, in 1 to {ManagementBody.MaxReasonLength} characters on one line."));
        }
        ReadOnlyMemory<byte> lines = await RequestBody.ReadLinesAsync(request, cancellationToken);
        try
        {
            (string actor, string? name) = caller.Of(request);
            (ImportProgress result, IReadOnlyList<ImportGap> gaps) = isDryRun
                ? await import.TryAsync(lines, intoExisting, cancellationToken)
                : (await import.RunAsync(lines, new ImportOrder(actor, name, reason!, intoExisting), cancellationToken), []);
            return await request.JsonAsync(HttpStatusCode.OK, ImportAnswer.Of(result, gaps), ApiJson.Relaxed.ImportAnswer, cancellationToken);
        }
        catch (CommitImportException e)
        {
            return await request.ProblemAsync(
                new Problem(ProblemKind.ImportRefused, e.Message) { Errors = [new ValidationError($"line {e.Line}", e.Reason)] });
        }
    }
}
