using System.Text.RegularExpressions;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>What the workflows and azd name by a string is there, and nobody needs a secret for them.</summary>
public sealed partial class WorkflowTests(DefaultDeployment deployment)
{
    private static readonly string Deploy = File.ReadAllText(RepositoryFiles.At(".github/workflows/deploy.yml"));

    [Fact]
    public void No_workflow_has_a_secret_or_more_rights_than_it_needs()
    {
        foreach (string workflow in new[] { Deploy, File.ReadAllText(RepositoryFiles.At(".github/workflows/ci.yml")) })
        {
            Assert.DoesNotContain("secrets.", workflow, StringComparison.Ordinal);
            Assert.DoesNotContain("pull_request_target", workflow, StringComparison.Ordinal); // It would run a stranger's code with our rights.
            // To sign in with a federated credential takes a token of the workflow, and nothing else writes.
            Assert.Equal(workflow == Deploy ? ["id-token"] : [], RightToWrite().Matches(workflow).Select(m => m.Groups[1].Value));
            Assert.Contains("permissions:\n  contents: read\n", workflow, StringComparison.Ordinal);
            Assert.Equal(RunsOn().Count(workflow), TimeLimit().Count(workflow));
        }
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

    [GeneratedRegex(@"^ +([a-z-]+): write$", RegexOptions.Multiline)]
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
