using System.Text.Json.Nodes;

namespace Serverless.Repository.Tests;

/// <summary>A package that was replaced under the same version is not built: CI restores in locked mode.</summary>
public sealed class LockFileTests
{
    // It has a package that a closed machine can't restore (docs/decisions/0037-lock-files.md).
    private const string Unlocked = "src/FunctionApp/FunctionApp.csproj";

    [Fact]
    public void Every_project_has_a_lock_file_with_the_hash_of_every_package()
    {
        string[] projects =
        [
            .. new[] { "src", "tests", "benchmarks" }.SelectMany(folder => RepositoryFiles.Find(folder, "*.csproj")).Where(p => p != Unlocked),
        ];

        Assert.True(projects.Length > 20);
        foreach (string project in projects)
        {
            string file = RepositoryFiles.At(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json"));
            Assert.True(File.Exists(file), $"{project} has no packages.lock.json: run dotnet restore.");
            var packages = JsonNode.Parse(File.ReadAllText(file))!["dependencies"]!.AsObject().SelectMany(framework => framework.Value!.AsObject());
            Assert.DoesNotContain(packages, p => (string?)p.Value!["type"] != "Project" && p.Value["contentHash"] is null);
        }
    }

    [Fact]
    public void Continuous_integration_restores_what_is_locked() => Assert.Contains(
        "<RestoreLockedMode Condition=\"'$(CI)' == 'true' And '$(UseCosmosDBExtensionPackage)' != 'true' And Exists('$(MSBuildProjectDirectory)/packages.lock.json')\">true</RestoreLockedMode>",
        File.ReadAllText(RepositoryFiles.At("Directory.Build.props")),
        StringComparison.Ordinal);
}
