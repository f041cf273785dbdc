using System.Diagnostics;

namespace Serverless.Repository.Tests;

/// <summary>CI systems set NUGET_PACKAGES without a slash at its end, and NuGet passes on what it gets.</summary>
public sealed class PackageFolderTests
{
    [Theory]
    [InlineData("/some/folder")]
    [InlineData("/some/folder/")]
    public async Task The_package_of_the_API_page_is_found_whether_or_not_its_folder_ends_in_a_slash(string folder)
    {
        ProcessStartInfo start = new(
            "dotnet",
            ["msbuild", RepositoryFiles.At("src/Functions/Functions.csproj"), "-nologo", "-getProperty:SwaggerUIPackage", $"-p:NuGetPackageRoot={folder}"])
        { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("/some/folder/swashbuckle.aspnetcore.swaggerui/", output.Replace('\\', '/'), StringComparison.Ordinal);
    }

    [Fact]
    public void No_other_build_file_appends_to_the_folder_without_a_slash()
    {
        string[] wrong =
        [
            .. new[] { "src", "tests", "benchmarks" }
                .SelectMany(f => RepositoryFiles.Find(f, "*.targets").Concat(RepositoryFiles.Find(f, "*.props")).Concat(RepositoryFiles.Find(f, "*.csproj")))
                .Where(f => File.ReadAllText(RepositoryFiles.At(f)).Replace("EnsureTrailingSlash('$(NuGetPackageRoot)')", "", StringComparison.Ordinal).Contains("$(NuGetPackageRoot)", StringComparison.Ordinal)),
        ];

        Assert.Empty(wrong);
    }
}
