using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>What the workflows and azd name by a string is there, and nobody needs a secret for them.</summary>
public sealed partial class WorkflowTests(DefaultDeployment deployment)
{
    private static readonly string Deploy = File.ReadAllText(RepositoryFiles.At(".github/workflows/deploy.yml"));

    // With those that a new solution gets.
    private static readonly string[] Workflows =
    [
        .. new[] { ".github/workflows", "template/.github/workflows" }.Where(f => Directory.Exists(RepositoryFiles.At(f)))
            .SelectMany(f => RepositoryFiles.Find(f, "*.yml")).Select(f => File.ReadAllText(RepositoryFiles.At(f))),
    ];

    [Fact]
    public void No_workflow_has_a_secret_or_more_rights_than_it_needs()
    {
        Assert.NotEmpty(Workflows);
        foreach (string workflow in Workflows)
        {
            Assert.DoesNotContain("secrets.", workflow, StringComparison.Ordinal);
            Assert.DoesNotContain("pull_request_target", workflow, StringComparison.Ordinal); // It would run a stranger's code with our rights.
            Assert.Contains("permissions:\n  contents: read\n", workflow, StringComparison.Ordinal);
            Assert.Equal(RunsOn().Count(workflow), TimeLimit().Count(workflow));
        }
        Assert.Empty(RightToWrite().Matches(File.ReadAllText(RepositoryFiles.At(".github/workflows/ci.yml"))));
        // To sign in with a federated credential takes a token of the workflow, and nothing of the deployment writes more.
        Assert.All(RightToWrite().Matches(Deploy), m => Assert.Equal("id-token", m.Groups[1].Value));
    }

    [Fact]
    public void Whatever_publishes_the_app_takes_the_released_extension_and_looks_for_it()
    {
        // With the stand-in the app would be published with dead triggers.
        Assert.Contains("    env:\n      UseCosmosDBExtensionPackage: \"true\"\n", File.ReadAllText(RepositoryFiles.At("azure.yaml")), StringComparison.Ordinal);
        string[] publishing = [.. Workflows.SelectMany(w => Jobs(w).Values).Where(job => job.Contains("dotnet publish src/FunctionApp", StringComparison.Ordinal))];
        Assert.NotEmpty(publishing);
        Assert.All(publishing, job => Assert.Contains("      UseCosmosDBExtensionPackage: true\n", job, StringComparison.Ordinal));
        Assert.All(publishing, job => Assert.Contains("index(\"CosmosDB\")' artifacts/function-app/extensions.json", job, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_action_is_pinned_to_a_commit_with_its_version_beside_it()
    {
        // A tag can be moved to other code by whoever has the action's repository. Dependabot updates both.
        string[] actions = [.. Workflows.SelectMany(w => Uses().Matches(w)).Select(m => m.Groups[1].Value)];

        Assert.NotEmpty(actions);
        Assert.DoesNotContain(actions, a => !Pinned().IsMatch(a));
        Assert.All(actions.GroupBy(a => a.Split('@')[0]), action => Assert.Single(action.Distinct()));
    }

    [Fact]
    public void Code_of_packages_runs_only_where_there_is_no_right_to_deploy()
    {
        var jobs = Jobs(Deploy);

        Assert.Equal(["package", "deploy", "test"], jobs.Keys);
        Assert.DoesNotContain("id-token", jobs["package"], StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet", jobs["deploy"], StringComparison.Ordinal);
        Assert.Contains("--from-package", jobs["deploy"], StringComparison.Ordinal);
        // The federated credential of an environment is that of its own identity.
        Assert.Contains("environment: ${{ inputs.environment }}\n", jobs["deploy"], StringComparison.Ordinal);
        Assert.Contains("environment: ${{ inputs.environment }}-tests\n", jobs["test"], StringComparison.Ordinal);
        // Packages are built before the job signs in.
        Assert.True(jobs["test"].IndexOf("dotnet build", StringComparison.Ordinal) < jobs["test"].IndexOf("azure/login", StringComparison.Ordinal));
    }

    [Fact]
    public void A_package_is_kept_and_can_be_deployed_again()
    {
        var jobs = Jobs(Deploy);

        Assert.Contains("retention-days: 90", jobs["package"], StringComparison.Ordinal);
        Assert.Contains("if: inputs.package_run == ''", jobs["package"], StringComparison.Ordinal);
        Assert.Contains("run-id: ${{ inputs.package_run || github.run_id }}", jobs["deploy"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_test_of_a_deployment_writes_to_streams_that_the_run_names()
    {
        string test = Jobs(Deploy)["test"];

        Assert.Contains("-class '*.SmokeTests'", test, StringComparison.Ordinal);
        Assert.Contains("SERVERLESS_SMOKE_RUN: ${{ github.run_id }}-${{ github.run_attempt }}", test, StringComparison.Ordinal);
        string source = File.ReadAllText(RepositoryFiles.At(RepositoryFiles.Find("tests/EndToEnd.Tests", "SmokeTests.cs").Single()));
        Assert.Contains("GetEnvironmentVariable(\"SERVERLESS_SMOKE_RUN\")", source, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_deployment_is_asked_for_is_an_output_of_the_template()
    {
        string template = File.ReadAllText(RepositoryFiles.At("infra/main.bicep"));
        string[] asked = [.. AskedValue().Matches(Deploy).Select(m => m.Groups[1].Value).Distinct()];

        Assert.Equal(["SERVICE_API_URI", "AZURE_RESOURCE_GROUP", "AZURE_FUNCTION_APP_NAME"], asked);
        Assert.All(asked, name => Assert.Contains($"output {name} string", template, StringComparison.Ordinal));
    }

    [Fact]
    public void The_service_of_azd_is_the_app_that_is_deployed_and_the_project_that_is_there()
    {
        string azd = File.ReadAllText(RepositoryFiles.At("azure.yaml"));
        string tag = (string)Assert.Single(deployment.Resources("Microsoft.Web/sites"))["tags"]!["azd-service-name"]!;

        Assert.Contains($"services:\n  # The function app carries this name in its tag azd-service-name.\n  {tag}:\n", azd, StringComparison.Ordinal);
        Assert.True(Directory.Exists(RepositoryFiles.At(Project().Match(azd).Groups[1].Value)));
    }

    [Fact]
    public void Every_parameter_of_the_template_says_what_it_is()
    {
        string[] lines = File.ReadAllLines(RepositoryFiles.At("infra/main.bicep"));
        string[] parameters = [.. lines.Where(l => l.StartsWith("param ", StringComparison.Ordinal))];
        string[] silent =
        [
            .. parameters.Where(p => !lines.Take(Array.IndexOf(lines, p)).Reverse().TakeWhile(l => l.StartsWith('@')).Any(l => l.StartsWith("@description(", StringComparison.Ordinal))),
        ];

        Assert.True(parameters.Length > 10);
        Assert.Empty(silent);
    }

    /// <summary>The text of each job by its name, in their order.</summary>
    private static Dictionary<string, string> Jobs(string workflow)
    {
        string[] parts = JobName().Split(workflow[workflow.IndexOf("\njobs:\n", StringComparison.Ordinal)..]);
        return Enumerable.Range(0, parts.Length / 2).ToDictionary(i => parts[(2 * i) + 1], i => parts[(2 * i) + 2]);
    }

    [GeneratedRegex(@"^  ([a-z-]+):$", RegexOptions.Multiline)]
    private static partial Regex JobName();

    [GeneratedRegex(@"^ +(?:- )?uses: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Uses();

    [GeneratedRegex(@"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"^ +([a-z-]+): write\b", RegexOptions.Multiline)]
    private static partial Regex RightToWrite();

    [GeneratedRegex(@"^ +runs-on:", RegexOptions.Multiline)]
    private static partial Regex RunsOn();

    [GeneratedRegex(@"^ +timeout-minutes:", RegexOptions.Multiline)]
    private static partial Regex TimeLimit();

    [GeneratedRegex("azd env get-value ([A-Z_]+)")]
    private static partial Regex AskedValue();

    [GeneratedRegex(@"^ +project: (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Project();
}
