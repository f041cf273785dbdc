using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.EventSourcing;
using Serverless.Functions.Commands;
using Serverless.Functions.Health;
using Serverless.Functions.History;
using Serverless.Functions.Management;
using Serverless.Functions.Streams;
using Serverless.Functions.Views;

namespace Serverless.Functions.Http;

/// <summary>The shapes of all answers. Absent means null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(CommandAnswer))]
[JsonSerializable(typeof(InboxAnswer))]
[JsonSerializable(typeof(StateAnswer))]
[JsonSerializable(typeof(EventsAnswer))]
[JsonSerializable(typeof(ViewsAnswer))]
[JsonSerializable(typeof(ViewListAnswer))]
[JsonSerializable(typeof(ViewAnswer))]
[JsonSerializable(typeof(EntriesAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ConsumersAnswer))]
[JsonSerializable(typeof(ConsumerAnswer))]
[JsonSerializable(typeof(AuditorAnswer))]
[JsonSerializable(typeof(ProjectionsAnswer))]
[JsonSerializable(typeof(ProjectionAnswer))]
[JsonSerializable(typeof(RetireAnswer))]
[JsonSerializable(typeof(RebuildAnswer))]
[JsonSerializable(typeof(ProjectionKeyAnswer))]
[JsonSerializable(typeof(ParkedListAnswer))]
[JsonSerializable(typeof(ParkedAnswer))]
[JsonSerializable(typeof(RetryAnswer))]
[JsonSerializable(typeof(RetryAllAnswer))]
[JsonSerializable(typeof(ActionListAnswer))]
[JsonSerializable(typeof(PastStateAnswer))]
[JsonSerializable(typeof(CommitsAnswer))]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSerializable(typeof(TrialAnswer))]
[JsonSerializable(typeof(ReconsiderAnswer))]
[JsonSerializable(typeof(RefusedListAnswer))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(VerifyAllAnswer))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(ConversationAnswer))]
[JsonSerializable(typeof(RecentCommitsAnswer))]
[JsonSerializable(typeof(StreamListAnswer))]
[JsonSerializable(typeof(RecentRefusedAnswer))]
[JsonSerializable(typeof(AllParkedAnswer))]
[JsonSerializable(typeof(InboxListAnswer))]
[JsonSerializable(typeof(LagHistoryAnswer))]
[JsonSerializable(typeof(ModelAnswer))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Letters of all languages and quotes stay readable; with the content type and nosniff no browser takes them for HTML.</summary>
    public static ApiJson Relaxed => field ??= new ApiJson(new JsonSerializerOptions(Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
