using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

/// <summary>
/// What runs against a deployment with data of value: one account, of an owner that nobody else is. The portfolio of that owner lists the
/// accounts of all runs. Each ends empty and closed, so that no total is changed.
/// </summary>
public sealed class SmokeTests(SystemUnderTest system)
{
    private const string Owner = "smoke-test";

    private readonly Api api = system.Api;

    /// <summary>After a deployment the run of the workflow, and the id is in its log.</summary>
    private static string Run => Environment.GetEnvironmentVariable("SERVERLESS_SMOKE_RUN") is { Length: > 0 } run ? run : Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_command_is_stored_and_reaches_its_view()
    {
        string id = $"smoke-{Run}";
        TestContext.Current.TestOutputHelper?.WriteLine($"The stream of this run is account-{id}.");

        Assert.Equal(201, (await api.OpenAsync(id, Owner)).Status);
        Assert.Equal(200, (await api.DepositAsync(id, 1)).Status);
        Answer summary = await api.SeeAsync($"account-summary/{id}", id, 2);
        Assert.Equal(1, (int)summary.Json["data"]!["balance"]!["minorUnits"]!);

        Assert.Equal(200, (await api.WithdrawAsync(id, 1)).Status);
        Assert.Equal(200, (await api.PostAsync($"account/{id}/close", "{}")).Status);
        Answer portfolio = await api.SeeAsync($"customer-portfolio/{Owner}", id, 4);
        Assert.Contains(id, portfolio.Body, StringComparison.Ordinal);
    }
}
