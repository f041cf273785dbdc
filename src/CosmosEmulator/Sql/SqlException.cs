using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql;

/// <summary>A query that is refused; <see cref="ErrorJson"/> is the message text of the 400 answer.</summary>
public sealed class SqlException(string errorJson) : Exception(errorJson)
{
    private static readonly JsonSerializerOptions Plain =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ErrorJson { get; } = errorJson;

    /// <summary>An error at a place of the text, in the shape of the service.</summary>
    internal static SqlException At(int start, int end, string code, string message) => At([(start, end, code, message)]);

    internal static SqlException At(IEnumerable<(int Start, int End, string Code, string Message)> errors) =>
        new(JsonSerializer.Serialize(new { errors = errors.Select(Shape) }, Plain));

    /// <summary>An error of the query as a whole, with the service's number.</summary>
    internal static SqlException Of(int code, string message) => new(JsonSerializer.Serialize(
        new { errors = new[] { new { severity = "Error", code, message } } }, Plain));

    /// <summary>An error without code, as the service's planner gives it.</summary>
    internal static SqlException Plan(string message) => new(JsonSerializer.Serialize(new { Errors = new[] { message } }, Plain));

    private static object Shape((int Start, int End, string Code, string Message) error) => new
    {
        severity = "Error",
        location = new { start = error.Start, end = error.End },
        code = error.Code,
        message = error.Message,
    };
}
