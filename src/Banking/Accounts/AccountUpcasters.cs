using System.Text.Json.Nodes;

namespace Serverless.Banking;

/// <summary>
/// What old stored shapes have become. An upcaster was right when it was released and stays as it is: it speaks of JSON and not of
/// today's classes, which may change again.
/// </summary>
internal static class AccountUpcasters
{
    /// <summary>Version 1 of <c>account.closed</c> was empty, and what nobody wrote down can't be told now.</summary>
    public static JsonObject ClosedWithoutCause(JsonObject version1) => new() { ["cause"] = "unrecorded" };
}
