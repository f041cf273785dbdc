using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>The Bicep CLI. It needs no network: it evaluates a deployment on paper.</summary>
internal static class Bicep
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The resources that a deployment with these parameters would ask Azure for. What only Azure knows stays an expression.
    /// The path of the file is relative to <c>infra/</c>; what it reads of the environment is <paramref name="switches"/> and nothing else.</summary>
    public static async Task<IReadOnlyList<JsonNode>> PredictAsync(
        string parametersFile, IReadOnlyDictionary<string, string> switches, CancellationToken cancellationToken)
    {
        (int exitCode, string output, string? answer) = await SnapshotAsync(parametersFile, switches, cancellationToken);
        Assert.True(exitCode == 0, output);
        return [.. JsonNode.Parse(answer!)!["predictedResources"]!.AsArray().Select(r => r!)];
    }

    /// <summary>What the Bicep CLI says to parameters that it refuses.</summary>
    public static async Task<string> RefuseAsync(
        string parametersFile, IReadOnlyDictionary<string, string> switches, CancellationToken cancellationToken)
    {
        (int exitCode, string output, _) = await SnapshotAsync(parametersFile, switches, cancellationToken);
        Assert.NotEqual(0, exitCode);
        return output;
    }

    private static async Task<(int ExitCode, string Output, string? Answer)> SnapshotAsync(
        string parametersFile, IReadOnlyDictionary<string, string> switches, CancellationToken cancellationToken)
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
            (int exitCode, string output) = await RunAsync(
                ["snapshot", parameters, "--mode", "overwrite", "--subscription-id", Guid.Empty.ToString()], switches, cancellationToken);
            string answer = Path.ChangeExtension(parameters, ".snapshot.json");
            return (exitCode, output, exitCode == 0 ? await File.ReadAllTextAsync(answer, cancellationToken) : null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> switches, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(RepositoryFiles.BicepPath, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        // A developer's own values must not decide a test.
        foreach (string name in ParameterFile.Switches)
        {
            start.Environment.Remove(name);
        }
        foreach ((string name, string value) in switches)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, $"bicep {string.Join(' ', arguments)}:\n{await output}{await errors}");
    }
}
