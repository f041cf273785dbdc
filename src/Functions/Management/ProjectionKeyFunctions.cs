using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Management;

/// <summary>One key in every version of a projection, to compare what two versions make of the same events. For operators.</summary>
public sealed class ProjectionKeyFunctions(VersionedProjections projections, IViewStore views, RoleRules roles)
{
    /// <summary>The newest version first. A version that this code does not have is left out, as is the document of one that has none.</summary>
    [Function("ManageProjectionKey")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.ProjectionKey)] HttpRequestData request,
        string projection,
        string key,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        roles.CheckView(request, projections.Require(projection));
        ProjectionVersions record = await projections.ReadAsync(projection, cancellationToken);
        KeyVersionAnswer[] versions = await Task.WhenAll(projections.InCode(projection).Reverse()
            .Select(p => ReadAsync(p, record.Find(p.Version)!, key, cancellationToken)));
        return await request.JsonAsync(
            HttpStatusCode.OK, new ProjectionKeyAnswer(projection, key, versions), ApiJson.Relaxed.ProjectionKeyAnswer, cancellationToken);
    }

    private async Task<KeyVersionAnswer> ReadAsync(IProjection projection, ProjectionVersion version, string key, CancellationToken cancellationToken)
    {
        (string partitionKey, string documentId) = projection.Locate(key);
        ViewDocument? document = null;
        if (ViewRules.IsKey(partitionKey) && ViewRules.IsDocumentId(documentId))
        {
            ViewRead read = await views.ReadAsync(
                new ViewPartition(projection.Name, projection.Version, partitionKey), [documentId], cancellationToken);
            document = read.Documents.FirstOrDefault(d => d.Id == documentId && d.Kind == ViewKind.View);
        }
        return KeyVersionAnswer.Of(version, document);
    }
}
