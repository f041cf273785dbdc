using System.Runtime.CompilerServices;

namespace Serverless.LocalEmulators.Tests;

internal static class RepositoryFile
{
    public static string Read(string relativePath, [CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../..", relativePath));
}
