namespace Serverless.FunctionsHost;

/// <summary>A function app that was built, and what is set for it beside what this process has.</summary>
/// <param name="Directory">The folder with worker.config.json, beside the app.</param>
/// <param name="Settings">App settings by name; a null takes one away.</param>
public sealed record WorkerProgram(string Directory, IReadOnlyDictionary<string, string?> Settings);
