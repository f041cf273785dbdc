using System.Text.Json.Nodes;

namespace Serverless.Banking;

/// <summary>What old stored shapes have become. Never edited once released: see <see cref="AccountUpcasters"/>.</summary>
internal static class TransferUpcasters
{
    /// <summary>
    /// Version 1 of <c>transfer.refused</c> said whether the source had been debited. A transfer meets the target's refusal after
    /// the debit and the source's in its place, so that flag names the side that refused.
    /// </summary>
    public static JsonObject RefusedWithFlag(JsonObject version1) => new()
    {
        ["from"] = version1["from"]?.DeepClone(),
        ["reason"] = version1["reason"]?.DeepClone(),
        ["refusedBy"] = version1["wasDebited"]!.GetValue<bool>() ? "target" : "source",
    };
}
