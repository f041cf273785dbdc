using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Management;

/// <summary>The body of a retry; all of it may be missing. Mirrors wire data.</summary>
internal sealed record RetryRequest(string? Reason = null);

/// <summary>The body of a discard. Mirrors wire data.</summary>
internal sealed record DiscardRequest(long Version, string Reason);

/// <summary>What is to be done to a version of a projection. Mirrors wire data.</summary>
internal sealed record VersionRequest(int Version, string Reason, bool Force = false);

/// <summary>Which stream's view is to be made again; the version that serves unless one is named. Mirrors wire data.</summary>
internal sealed record RebuildRequest(string Stream, string Reason, int? Version = null);

/// <summary>Reads what an operator sends. What is there but wrong is a problem, never ignored.</summary>
internal static class ManagementBody
{
    /// <summary>Characters of a reason: it is kept for ever.</summary>
    public const int MaxReasonLength = 500;

    public static RetryRequest ReadRetry(ReadOnlyMemory<byte> body)
    {
        RetryRequest read = Read(body.Span, ManagementJson.Default.RetryRequest);
        return read.Reason is null || IsReason(read.Reason)
            ? read
            : throw Invalid($"A reason has 1 to {MaxReasonLength} characters on one line.");
    }

    public static DiscardRequest ReadDiscard(ReadOnlyMemory<byte> body)
    {
        DiscardRequest read = Read(body.Span, ManagementJson.Default.DiscardRequest);
        // A document that stands at no version is listed with 0.
        return read.Version >= 0 && IsReason(read.Reason)
            ? read
            : throw Invalid($"Say which version is to be left out and why, in 1 to {MaxReasonLength} characters on one line.");
    }

    public static VersionRequest ReadVersion(ReadOnlyMemory<byte> body)
    {
        VersionRequest read = Read(body.Span, ManagementJson.Default.VersionRequest);
        return read.Version > 0 && IsReason(read.Reason)
            ? read
            : throw Invalid($"Say which version and why, in 1 to {MaxReasonLength} characters on one line.");
    }

    public static RebuildRequest ReadRebuild(ReadOnlyMemory<byte> body)
    {
        RebuildRequest read = Read(body.Span, ManagementJson.Default.RebuildRequest);
        return IsReason(read.Reason) && read.Version is null or > 0
            ? read
            : throw Invalid($"Say which stream and why, in 1 to {MaxReasonLength} characters on one line.");
    }

    // One line: reasons are logged, and a log that is a text must not get lines that nobody logged.
    public static bool IsReason(string text) => !string.IsNullOrWhiteSpace(text) && text.Length <= MaxReasonLength && !text.Any(char.IsControl);

    private static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> json)
    {
        try
        {
            return JsonSerializer.Deserialize(body, json) ?? throw Invalid("The body is an object, not null.");
        }
        catch (JsonException e)
        {
            ValidationError error = RequestBody.FindSyntaxError(body) ?? ValidationError.From(e);
            throw new ProblemException(new Problem(ProblemKind.InvalidRequest, error.Message) { Errors = [error] });
        }
    }

    private static ProblemException Invalid(string message) => new(new Problem(ProblemKind.InvalidRequest, message));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RetryRequest))]
[JsonSerializable(typeof(DiscardRequest))]
[JsonSerializable(typeof(VersionRequest))]
[JsonSerializable(typeof(RebuildRequest))]
internal sealed partial class ManagementJson : JsonSerializerContext;
