namespace Serverless.LocalHost;

/// <summary>What to try on a system that has just started.</summary>
internal static class FirstSteps
{
    public const string Title = "Create something, rename it, look at it";

    public static IEnumerable<string> Requests(Uri api)
    {
        yield return Welcome.Post($"{api}widget/first-1/create", """{"title":"First"}""");
        yield return Welcome.Post($"{api}widget/first-1/rename", """{"title":"Second"}""");
        yield return $"curl {Welcome.Quote($"{api}views/widget-summary/first-1?seen=widget-first-1:2")}";
    }
}
