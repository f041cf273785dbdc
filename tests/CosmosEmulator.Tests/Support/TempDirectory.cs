namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>A directory that is gone after the test.</summary>
public sealed class TempDirectory : IDisposable
{
    public TempDirectory() => Path = Directory.CreateTempSubdirectory("cosmos-emulator-tests-").FullName;

    public string Path { get; }

    /// <summary>The file of the only container.</summary>
    public string ContainerFile => Directory.GetFiles(System.IO.Path.Combine(Path, "containers"), "*.db").Single();

    public string AccountFile => System.IO.Path.Combine(Path, "account.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
