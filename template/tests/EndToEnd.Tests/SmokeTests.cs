namespace Serverless.EndToEnd.Tests;

/// <summary>What runs against a deployment with data of value: one stream, named after the run of the workflow, and so in its log.</summary>
public sealed class SmokeTests(SystemUnderTest system)
{
    private static string Run => Environment.GetEnvironmentVariable("SERVERLESS_SMOKE_RUN") is { Length: > 0 } run ? run : Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_command_is_stored_and_reaches_its_view()
    {
        string id = $"smoke-{Run}";

        Assert.Equal(201, (await system.PostAsync($"widget/{id}/create", """{"title":"Smoke test"}""")).Status);
        Assert.Equal(200, (await system.SeeAsync($"widget-summary/{id}", $"widget-{id}", 1)).Status);
    }
}
