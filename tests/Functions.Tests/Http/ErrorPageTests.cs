using System.Reflection;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Http;

public sealed class ErrorPageTests(TestSystem system) : IClassFixture<TestSystem>
{
    private static readonly ProblemKind[] Kinds =
        [.. typeof(ProblemKind).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(p => p.GetValue(null)).OfType<ProblemKind>()];

    [Fact]
    public async Task Every_kind_of_problem_has_a_page_that_says_what_it_is()
    {
        Assert.Equal(Kinds, ProblemKind.All);
        foreach (ProblemKind kind in Kinds)
        {
            Answer page = await system.SendAsync(HttpMethod.Get, new Uri(system.Client.BaseAddress!, kind.Type).AbsoluteUri, null);

            Assert.Equal((200, "text/markdown; charset=utf-8"), (page.Status, page.ContentType));
            Assert.StartsWith($"# {kind.Title}\n\n`{kind.Name}`, status {(int)kind.Status}\n", page.Body, StringComparison.Ordinal);
            Assert.Contains("**What to do.**", page.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_page_is_about_a_kind_of_problem() =>
        Assert.Equal(
            Kinds.Select(k => $"errors/{k.Name}.md").Order(StringComparer.Ordinal),
            typeof(ErrorPageFunctions).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("errors/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("docs/errors/nothing")]
    [InlineData("docs/errors/..%2F..%2Fhost")]
    public async Task A_page_that_is_not_there_is_a_problem_too(string path) => (await system.GetAsync(path)).MustBeProblem(404, "unknown-route");
}
