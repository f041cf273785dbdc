using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>What each view offers, with the types of its registration. Versions that stand side by side are alternatives.</summary>
internal sealed class ViewOperations(string name, IReadOnlyList<IProjection> versions, SchemaSet schemas)
{
    private readonly string pascal = ApiNames.Pascal(name);

    public static ApiOperation List(SchemaSet schemas) => new(
        "get", "/" + Routes.Views, "listViews", ApiTags.Views, ApiAccess.Function, "The views there are, with the versions that serve.")
    {
        Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.ViewsAnswer, SchemaUse.Written))],
    };

    public IEnumerable<ApiOperation> All()
    {
        JsonObject data = OneOf([.. versions.Select(DocumentOf)]);
        yield return Get(Routes.ViewList, $"list{pascal}Views", $"Every document of {name}, in pages.") with
        {
            Parameters = ["version", "pageSize", "continuation"],
            Answers = [ApiAnswer.Ok(schemas.AddAround(ApiJson.Relaxed.ViewListAnswer, pascal, data), ApiHeaders.RequestCharge)],
            Problems = [ProblemKind.InvalidRequest, ProblemKind.Forbidden],
        };
        yield return Get(Routes.View, $"get{pascal}View", $"One document of {name}.") with
        {
            Parameters = ["version", "seen", ApiParameters.IfNoneMatch],
            Answers = [ApiAnswer.Ok(schemas.AddAround(ApiJson.Relaxed.ViewAnswer, pascal, data), ApiHeaders.ETag, ApiHeaders.RequestCharge), ApiAnswer.NotModified],
            Problems = [ProblemKind.InvalidRequest, ProblemKind.Forbidden, ProblemKind.UnknownViewKey, ProblemKind.ViewBehind, ProblemKind.ViewParked],
            ProblemHeaders = [ApiHeaders.RequestCharge],
        };
        IProjection[] withEntries = [.. versions.Where(v => v.HasEntries)];
        if (withEntries.Length > 0)
        {
            JsonObject entry = OneOf([.. withEntries.Select(v => ShapeOf(v, ViewKind.Entry))]);
            yield return Get(Routes.Entries, $"list{pascal}Entries", $"What is listed under one key of {name}, in pages.") with
            {
                Parameters = ["version", "seen", "order", "pageSize", "continuation"],
                Answers = [ApiAnswer.Ok(schemas.AddAround(ApiJson.Relaxed.EntriesAnswer, pascal, entry), ApiHeaders.RequestCharge)],
                Problems = [ProblemKind.InvalidRequest, ProblemKind.Forbidden, ProblemKind.UnknownViewKey, ProblemKind.UnknownRoute, ProblemKind.ViewBehind, ProblemKind.ViewParked],
                ProblemHeaders = [ApiHeaders.RequestCharge],
            };
        }
    }

    private ApiOperation Get(string route, string id, string summary) =>
        new("get", "/" + route.Replace("{view}", name, StringComparison.Ordinal), id, ApiTags.Views, ApiAccess.Function, summary) { Answers = [] };

    private JsonObject DocumentOf(IProjection version)
    {
        JsonObject view = ShapeOf(version, ViewKind.View);
        return !version.HasEntries ? view : schemas.Add($"{pascal}Header", new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["entries"] = new JsonObject { ["type"] = "integer", ["format"] = "int64" }, ["header"] = view },
            ["required"] = new JsonArray("entries", "header"),
        });
    }

    private JsonObject ShapeOf(IProjection version, ViewKind kind) => schemas.Add(version.Shapes.First(s => s.Kind == kind).Json, SchemaUse.Written);

    private static JsonObject OneOf(IReadOnlyList<JsonObject> shapes)
    {
        JsonObject[] different = [.. shapes.DistinctBy(s => s.ToJsonString())];
        return different.Length == 1 ? different[0] : new JsonObject { ["anyOf"] = new JsonArray(different) };
    }
}
