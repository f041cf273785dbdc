using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Serverless.Cli.Answers;

namespace Serverless.Cli.Targets;

/// <summary>Asks the management routes of the versions of projections.</summary>
internal sealed class HttpProjections(ApiClient api) : IProjectionTarget
{
    public Task<ProjectionsDocument> ListAsync(CancellationToken cancellationToken) =>
        api.GetAsync("manage/projections", ToolJson.Readable.ProjectionsDocument, cancellationToken);

    public Task<ProjectionDocument> GetAsync(string projection, CancellationToken cancellationToken) =>
        api.GetAsync(Address(projection), ToolJson.Readable.ProjectionDocument, cancellationToken);

    public Task<ProjectionDocument> OrderAsync(string projection, string order, VersionOrderDocument body, CancellationToken cancellationToken) =>
        PostAsync($"{Address(projection)}/{order}", body, ToolJson.Readable.VersionOrderDocument, ToolJson.Readable.ProjectionDocument, cancellationToken);

    public Task<RetireDocument> RetireAsync(string projection, VersionOrderDocument body, CancellationToken cancellationToken) =>
        PostAsync($"{Address(projection)}/retire", body, ToolJson.Readable.VersionOrderDocument, ToolJson.Readable.RetireDocument, cancellationToken);

    public Task<RebuildDocument> RebuildAsync(string projection, RebuildOrderDocument body, CancellationToken cancellationToken) =>
        PostAsync($"{Address(projection)}/rebuild", body, ToolJson.Readable.RebuildOrderDocument, ToolJson.Readable.RebuildDocument, cancellationToken);

    private Task<TAnswer> PostAsync<TBody, TAnswer>(
        string address, TBody body, JsonTypeInfo<TBody> bodyJson, JsonTypeInfo<TAnswer> answerJson, CancellationToken cancellationToken) =>
        api.PostAsync(address, JsonSerializer.SerializeToUtf8Bytes(body, bodyJson), "application/json", answerJson, cancellationToken);

    private static string Address(string projection) => $"manage/projections/{Uri.EscapeDataString(projection)}";
}
