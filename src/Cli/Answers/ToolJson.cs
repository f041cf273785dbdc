using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Cli.Answers;

/// <summary>The shapes the tool reads and prints. Members that it does not know are left alone: the API may be newer.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(PastStateDocument))]
[JsonSerializable(typeof(CommitPageDocument))]
[JsonSerializable(typeof(ExplainPageDocument))]
[JsonSerializable(typeof(RefusedPageDocument))]
[JsonSerializable(typeof(VerifyDocument))]
[JsonSerializable(typeof(VerifiedPartDocument))]
[JsonSerializable(typeof(StoreVerifyDocument))]
[JsonSerializable(typeof(ImportedPartDocument))]
[JsonSerializable(typeof(ImportDocument))]
[JsonSerializable(typeof(ExportDocument))]
[JsonSerializable(typeof(TrialDocument))]
[JsonSerializable(typeof(ReconsiderPageDocument))]
[JsonSerializable(typeof(ConversationDocument))]
[JsonSerializable(typeof(ConsumersDocument))]
[JsonSerializable(typeof(ParkedPageDocument))]
[JsonSerializable(typeof(AllParkedPageDocument))]
[JsonSerializable(typeof(StreamPageDocument))]
[JsonSerializable(typeof(RecentPageDocument))]
[JsonSerializable(typeof(RetryDocument))]
[JsonSerializable(typeof(RetryAllDocument))]
[JsonSerializable(typeof(ReasonDocument))]
[JsonSerializable(typeof(ActionPageDocument))]
[JsonSerializable(typeof(ProjectionsDocument))]
[JsonSerializable(typeof(RetireDocument))]
[JsonSerializable(typeof(RebuildDocument))]
[JsonSerializable(typeof(BuildDocument))]
[JsonSerializable(typeof(VersionOrderDocument))]
[JsonSerializable(typeof(RebuildOrderDocument))]
[JsonSerializable(typeof(CommandOutcomeDocument))]
[JsonSerializable(typeof(StoredCommandDocument))]
[JsonSerializable(typeof(ViewsDocument))]
[JsonSerializable(typeof(ViewPageDocument))]
[JsonSerializable(typeof(ViewDocumentDocument))]
[JsonSerializable(typeof(CostDocument))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ToolJson : JsonSerializerContext
{
    /// <summary>Text is written as it is, not as escapes: it goes to a file or a pipe, not into a web page.</summary>
    public static ToolJson Readable => field ??= new ToolJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The same over several lines, for people.</summary>
    public static ToolJson Indented => field ??= new ToolJson(new JsonSerializerOptions(Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });
}

/// <summary>Problem details of RFC 9457, as far as the tool looks at them. Mirrors wire data.</summary>
internal sealed record ProblemDocument(
    string? Title = null, string? Detail = null, string? Code = null, IReadOnlyList<ProblemErrorDocument>? Errors = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record ProblemErrorDocument(string Path, string Message);
