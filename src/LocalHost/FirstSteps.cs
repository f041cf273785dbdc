namespace Serverless.LocalHost;

/// <summary>What to try on a system that has just started. The only part of the greeting that knows the bank.</summary>
internal static class FirstSteps
{
    public const string Title = "Open an account, pay something in, look at it";

    public static IEnumerable<string> Requests(Uri api)
    {
        yield return Welcome.Post($"{api}account/alice-1/open", """{"owner":"alice","currency":"EUR"}""");
        yield return Welcome.Post($"{api}account/alice-1/deposit", """{"amount":{"minorUnits":1250,"currency":"EUR"}}""");
        yield return $"curl {Welcome.Quote($"{api}views/account-summary/alice-1?seen=account-alice-1:2")}";
    }
}
