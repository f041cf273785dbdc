using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>The Bicep CLI. It needs no network: it evaluates a deployment on paper.</summary>
internal static class Bicep
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The resources that a deployment with these parameters would ask Azure for. What only Azure knows stays an expression.
    /// The path of the file is relative to <c>infra/</c>.</summary>
    public static async Task<IReadOnlyList<JsonNode>> PredictAsync(string parametersFile, CancellationToken cancellationToken)
    {
        // The CLI writes its answer beside the parameters: work on a copy.
        DirectoryInfo folder = Directory.CreateTempSubdirectory("serverless-infra-");
        try
        {
            foreach (string file in RepositoryFiles.Find("infra", "*"))
            {
                string copy = Path.Combine(folder.FullName, file);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(RepositoryFiles.At(file), copy);
            }
            string parameters = Path.Combine(folder.FullName, "infra", parametersFile);
            await RunAsync(
                ["snapshot", parameters, "--mode", "overwrite", "--subscription-id", Guid.Empty.ToString()], cancellationToken);
            string answer = await File.ReadAllTextAsync(Path.ChangeExtension(parameters, ".snapshot.json"), cancellationToken);
            return [.. JsonNode.Parse(answer)!["predictedResources"]!.AsArray().Select(r => r!)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(RepositoryFiles.BicepPath, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        // The parameter files read these; a developer's own values must not decide a test.
        foreach (string name in (string[])["AZURE_ENV_NAME", "AZURE_LOCATION", "DEVELOPER_PRINCIPAL_ID"])
        {
            start.Environment.Remove(name);
        }
        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"bicep {string.Join(' ', arguments)}:\n{await output}{await errors}");
    }
}
