using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Faults;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Hosting;

/// <summary>
/// What a test can ask of an emulator in another process: faults at <c>/_emulator/faults</c> and a split at <c>/_emulator/split</c>.
/// Unsigned, so the listener lets only this machine reach it, and it can be switched off.
/// </summary>
internal sealed class ControlRoutes(Account account, FaultRules faults)
{
    private const string Root = "/_emulator/";
    private const string ReadyPath = Root + "ready";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly FaultControl faultControl = new(faults);

    public static bool AreFor(string target) => target.StartsWith(Root, StringComparison.Ordinal);

    /// <summary>Asked by scripts and health checks; needs no key and is always there.</summary>
    public static bool IsReady(CosmosRequest request) => request is { Method: "GET", Target: ReadyPath };

    public static Answer Ready => Json(200, new { Status = "ready" });

    public async Task<Answer> HandleAsync(CosmosRequest request)
    {
        // No web page can send this type without asking first, and it is never allowed to.
        if (request.Method == "POST" && !IsJson(request.Header(HeaderNames.ContentType)))
        {
            return Answer.Refuse(Errors.NotJson);
        }

        string[] segments = request.Target[Root.Length..].Split('/', 2);
        string rest = segments.Length > 1 ? segments[1] : "";
        return (request.Method, segments[0]) switch
        {
            (_, "faults") => faultControl.Handle(request, rest),
            ("POST", "split") when rest.Length == 0 => await SplitAsync(request.Body),
            _ => Answer.Refuse(Errors.RouteNotFound),
        };
    }

    public static Answer Json<T>(int status, T value) => new(status, JsonSerializer.SerializeToUtf8Bytes(value, Options));

    public static T Read<T>(ReadOnlyMemory<byte> body) =>
        JsonSerializer.Deserialize<T>(body.Span, Options) ?? throw new JsonException("The body is null.");

    private static bool IsJson(string? type) =>
        MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? parsed) && "application/json".Equals(parsed.MediaType, StringComparison.OrdinalIgnoreCase);

    private async Task<Answer> SplitAsync(ReadOnlyMemory<byte> body)
    {
        try
        {
            Split wanted = Read<Split>(body);
            Container? container = account.Databases.Find(wanted.Database)?.Containers.Find(wanted.Container);
            if (container is null)
            {
                return Answer.Refuse(Errors.ContainerNotFound);
            }

            if (!container.Split(wanted.RangeId))
            {
                return Answer.Refuse(Errors.RangeGone);
            }

            await (container.Journal?.WhenSafe() ?? Task.CompletedTask);
            return Json(200, new { RangeIds = container.Partitions.All.Select(partition => partition.Range.Id).ToArray() });
        }
        catch (JsonException exception)
        {
            return Answer.Refuse(Errors.MalformedBody("split", exception.Message));
        }
        catch (RefusedException refused)
        {
            return Answer.Refuse(refused.Error);
        }
        catch (StoreException exception)
        {
            return Answer.Refuse(Errors.Internal(exception));
        }
    }

    /// <summary>Mirrors wire data.</summary>
    private sealed record Split(string Database, string Container, string RangeId);
}
