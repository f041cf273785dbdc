namespace Serverless.Repository.Tests;

public sealed class SolutionTests
{
    /// <summary>Visual Studio starts the first project of a solution until somebody chooses another.</summary>
    [Fact]
    public void Its_first_project_is_the_local_host() => Assert.Contains(
        "LocalHost.csproj", File.ReadLines(RepositoryFiles.At("Serverless.sln")).First(l => l.StartsWith("Project(", StringComparison.Ordinal)), StringComparison.Ordinal);
}
